"""A sandbox in a file: its accounts, frozen, and what was called."""

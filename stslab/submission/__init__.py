"""What somebody hands in: found and read, never executed."""

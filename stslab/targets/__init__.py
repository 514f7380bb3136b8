"""Where a lab is performed."""

"""``stslab check``: look at an account as somebody has left it, and change nothing."""

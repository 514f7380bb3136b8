"""What the checks say about controls that auditors know."""

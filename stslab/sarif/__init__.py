"""A run in SARIF, the format in which findings in files are told."""

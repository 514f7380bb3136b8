"""A run in OSCAL, the language in which NIST has assessments of controls told."""

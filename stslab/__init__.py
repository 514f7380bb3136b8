"""Perform and validate the AWS STS AssumeRole lab."""

__version__ = "0.1.0"

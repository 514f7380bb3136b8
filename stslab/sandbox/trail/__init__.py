"""What was called in a sandbox, in CloudTrail's form: kept for every account, and shown by LookupEvents."""

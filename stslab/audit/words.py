"""Words of the report that a reader may not know, explained in it."""

from __future__ import annotations

GLOSSARY = (
    ("profile sts, profile assumed", "how the lab calls the credentials of its user, and of the role's session"),
    (
        "canary",
        "a user without permissions, made and deleted first: had it been let in, nothing would be believed",
    ),
    ("moto", "an emulation of AWS's services in the memory of one machine"),
    ("implicitDeny", "denied, since no policy allows it; explicitDeny: denied by a statement that says Deny"),
    ("ListBuckets", "the call of S3 that IAM knows as s3:ListAllMyBuckets"),
    ("NoSuchEntity, NotFound", "the answer to who asks by name for something that is not there (any more)"),
    ("InvalidClientTokenId", "the answer to a credential that is not known (any more)"),
    ("request id", "what the service calls one request by, in its own logs, too"),
    ("blocked", "not tried, since a check that it needs did not pass; undetermined: nobody can know here"),
    ("TEST", "one of the three methods of NIST SP 800-53A; the others, EXAMINE and INTERVIEW, take people"),
    ("Check on AWS", "whether this check of the suite has ever passed on AWS itself, whatever the documents"),
)

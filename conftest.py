"""The lab's pytest set-up: every part has a file of its own in ``fixtures/``."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.opening",
    "fixtures.logs",
    "fixtures.verdicts",
    "fixtures.terminal",
    "fixtures.reports",
    "fixtures.target",
    "fixtures.user",
    "fixtures.stack",
    "fixtures.policy",
    "fixtures.session",
    "fixtures.cleanup",
]

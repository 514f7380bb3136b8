"""A process in which nothing of the person's own AWS set-up is seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.loaders import Loader

_FOREIGN = (
    "AWS_",
    "BOTO",
    "MOTO_",
    "TEST_SERVER_MODE",
    "TEST_PROXY_MODE",
    "INITIAL_NO_AUTH_ACTION_COUNT",
    "S3_IGNORE_",
)
"""Prefixes of the environment variables that would bring the person's own set-up into the lab."""


@contextmanager
def nobodys_environment() -> Iterator[None]:
    """Keep the person's own set-up out: variables, and the files in ``~/.aws`` that moto's own sessions would read."""
    theirs = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_FOREIGN)}
    ours = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    os.environ.update(ours)
    models, Loader.CUSTOMER_DATA_PATH = Loader.CUSTOMER_DATA_PATH, os.devnull
    try:
        yield
    finally:
        Loader.CUSTOMER_DATA_PATH = models
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update(theirs)

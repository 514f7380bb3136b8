"""moto's own application, and which of its services a request is for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from stslab.sandbox.state.admitted import KEPT
from stslab.sandbox.trail.lookup import is_served
from stslab.sandbox.wsgi import Environ

SERVICES = KEPT | {"cloudtrail"}
"""moto's backends that are served: those whose requests all go through the gate."""

API_VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts", "2010-05-15": "cloudformation"}
"""The query APIs by their version, which stands in every request. Source: botocore's service models, apiVersion."""


def dispatcher() -> Any:
    """Moto's own application, which also knows the services of unsigned requests to the query APIs.

    A signature names the service; without one only the API's version does, and moto would take it for one to S3.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    class Dispatcher(DomainDispatcherApplication):
        def __init__(self) -> None:
            super().__init__(create_backend_app)
            # moto looks through its own folder at every request; what a host stands for never changes.
            self._backend_of = lru_cache(maxsize=256)(super().get_backend_for_host)

        def get_backend_for_host(self, host: str | None) -> Any:
            return self._backend_of(host)

        def get_service_from_body(self, body: str | None, environ: Environ) -> tuple[str | None, str | None]:
            service = API_VERSIONS.get(str(self.get_version_from_body(body)))
            return (service, "us-east-1") if service else super().get_service_from_body(body, environ)

    return Dispatcher()


def service_of(moto: Any, environ: Environ) -> str:
    """The service that a request is for, one of :data:`SERVICES`; empty where it is for nothing that is served."""
    host = moto.infer_service_region_host(environ, str(environ.get("PATH_INFO", "")))
    service = str(moto.get_backend_for_host(host or "s3.us-east-1.amazonaws.com"))
    if service == "cloudtrail" and not is_served(str(environ.get("HTTP_X_AMZ_TARGET", ""))):
        return ""
    return service if service in SERVICES else ""

"""Keep a process from what a lab on moto has no need of: the network, other programs, files outside its own folder.

Nothing of a submission is executed in the first place; this holds where a library would do it all the same.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from stslab.grading.task import Limits

_NETWORK = frozenset({"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg"})
_PROGRAMS = frozenset({"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "pty.spawn"}) | {
    "subprocess.Popen"
}
_CHANGES = frozenset(
    f"os.{name}"
    for name in ("chmod", "chown", "link", "mkdir", "mknod", "remove", "rename", "rmdir", "symlink", "truncate")
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
"""Source of the names of events: Python library reference, "Audit events table"."""


def confine(folder: Path, limits: Limits) -> None:
    """Confine this process for the rest of its life.

    Args:
        folder: the one folder that it may write to.
        limits: what it may take.
    """
    _limit(limits)
    inside = (os.path.realpath(folder), os.devnull)

    def allowed(path: Any) -> bool:
        if isinstance(path, int):
            return True
        real = os.path.realpath(os.fsdecode(path))
        return real == inside[1] or real == inside[0] or real.startswith(inside[0] + os.sep)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if _writes(mode, flags) and path is not None and not allowed(path):
                raise PermissionError(f"A graded lab may not write to {path!r}.")
        elif event in _NETWORK or event in _PROGRAMS:
            raise PermissionError(f"A graded lab may not do this: {event}.")
        elif event in _CHANGES:
            paths = [path for path in args if isinstance(path, str | bytes | os.PathLike)]
            if not all(allowed(path) for path in paths):
                raise PermissionError(f"A graded lab may not do this outside its folder: {event}.")

    sys.addaudithook(hook)


def _writes(mode: Any, flags: Any) -> bool:
    return bool((isinstance(flags, int) and flags & _WRITING) or (isinstance(mode, str) and set("wax+") & set(mode)))


def _limit(limits: Limits) -> None:
    if sys.platform == "win32":
        # It has no such limits; the one who started the process still ends it when its time is up.
        return
    import resource

    def lower(kind: int, limit: int) -> None:
        _, most = resource.getrlimit(kind)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(kind, (limit, limit))

    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory)
    lower(resource.RLIMIT_FSIZE, limits.output)
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, int(limits.seconds) + 1)

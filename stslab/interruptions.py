"""Ctrl-C, SIGTERM and SIGHUP: the first ends the run in good order, and none keeps it from cleaning up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

SIGNALS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interruptions:
    """Turns the first signal into a KeyboardInterrupt, and lets every later one wait until the run is over.

    A CI service that cancels a job sends SIGINT, then SIGTERM, seconds apart; a person hits Ctrl-C twice. Source:
    GitHub Actions documentation, "Workflow cancellation reference".

    Args:
        say: shows a sentence to whoever sent a signal while the run cleans up.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._before: dict[signal.Signals, Any] = {}
        self._ending = False
        self.came = ""

    def install(self) -> None:
        """Take the signals; in another thread than the main one Python has no say in them."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            self._before[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Give the signals back; harmless when called twice."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def hold(self) -> None:
        """From now on no signal breaks in: the run is ending."""
        self._ending = True

    def _handle(self, number: int, _: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self._ending:
            self.came = self.came or name
            self._say(f"{name}: cleaning up; if that takes too long, kill -9 it and say stslab sweep --yes.")
            return
        self._ending, self.came = True, name
        raise KeyboardInterrupt(name)

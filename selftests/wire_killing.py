"""Kill the client at one call, or send it a signal while one is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from wire import Answer, Call, Deed, Meddler, Reset

Moment = Literal["before", "after"]


class _AtOneCall(Meddler):
    def __init__(self, number: int, moment: Moment) -> None:
        self.number = number
        self.moment = moment
        self.hit: Call | None = None
        """The call at which it happened: ``None`` says that the client made fewer."""

    def _is_it(self, call: Call, moment: Moment) -> bool:
        if (call.number, call.attempt, moment) != (self.number, 0, self.moment):
            return False
        self.hit = call
        return True


class KillAt(_AtOneCall):
    """Kill the client once, and drop the connection.

    Args:
        number: of the call, from 0.
        moment: "before" the request is forwarded, which then never is; or "after" the upstream has acted, with the
            answer undelivered.
        kill: kills the client and returns when it is gone.
    """

    def __init__(self, number: int, moment: Moment, kill: Callable[[], None]) -> None:
        super().__init__(number, moment)
        self._kill = kill

    def before(self, call: Call) -> Answer | Deed | None:
        return self._killed() if self._is_it(call, "before") else None

    def after(self, call: Call, answer: Answer) -> Answer | Deed:
        return self._killed() if self._is_it(call, "after") else answer

    def _killed(self) -> Reset:
        self._kill()
        return Reset()


class SignalAt(_AtOneCall):
    """Send the client a signal once, while it waits for the answer to a call, which goes through all the same.

    Args:
        number: of the call, from 0.
        send: sends the signal.
        moment: "before" the request is forwarded, or "after" the upstream has acted.
    """

    def __init__(self, number: int, send: Callable[[], None], moment: Moment = "before") -> None:
        super().__init__(number, moment)
        self._send = send

    def before(self, call: Call) -> Answer | Deed | None:
        if self._is_it(call, "before"):
            self._send()
        return None

    def after(self, call: Call, answer: Answer) -> Answer | Deed:
        if self._is_it(call, "after"):
            self._send()
        return answer

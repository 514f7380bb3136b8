"""A real browser at a page: what it complains of, what it asks for, what axe finds, where the keyboard comes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from browser_scripts import CUT_OFF, FOCUSED, OUTWARD, REACHABLE, WATCH
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

PAPER = 1032
"""The width of an A4 sheet on its side within margins of 12 mm, in CSS pixels: (297 - 24) / 25.4 * 96."""

HEIGHT = 740
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PRACTICE = "best-practice"
LIMIT = 2000
"""How many times Tab is pressed before the keyboard is taken for trapped."""

SCREENSHOTS = Path(__file__).resolve().parent.parent / "reports" / "screenshots"


def chromium() -> str:
    """Where Chromium is; the test is skipped where it is not, and fails where CI should have installed it."""
    found = shutil.which("chromium")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("There is no chromium, and CI has to look at the pages: .ci/run installs it.")
    pytest.skip("There is no chromium here, so no page was looked at: apt-get install chromium.")


VIEWS: dict[str, dict[str, Any]] = {
    "360": {"width": 360},
    "360-unscripted": {"width": 360, "script": False},
    "1024": {},
    "1024-unscripted": {"script": False},
    "1024-dark": {"scheme": "dark"},
    "print": {"paper": True},
    "print-unscripted": {"paper": True, "script": False},
}
"""The ways in which each page is opened: arguments of ``visit``."""

FORTH, BACK = "Tab", "Shift+Tab"
WALKS = {"360": (FORTH, BACK), "360-unscripted": (FORTH,), "1024": (FORTH,)}
"""The views in which the keyboard goes through the whole page, which takes a frame a stop, and in which directions."""

AXED: dict[str, tuple[str, ...]] = {"360": (), "360-unscripted": (), "1024": (), "1024-dark": ("color-contrast",)}
"""The views in which axe is asked, and for what: what it would say of the others it has said of these."""

SHOT = ("360", "1024", "print")
"""The views of which there is a screenshot."""


@contextmanager
def browsing() -> Iterator[Browser]:
    """One browser, for the tests of a module, with a fresh profile."""
    path = chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that was opened, and all that came of it."""

    page: Page
    script: bool = True
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def ran(self) -> Any:
        """What a hostile text has set, if it ran."""
        return self.page.evaluate("window.ran ?? null") or self.dialogs or None

    @property
    def outward(self) -> list[str]:
        """Elements that load, send or lead on by themselves."""
        return list(self.page.evaluate(OUTWARD))

    @property
    def overflow(self) -> int:
        """By how many pixels the page itself scrolls sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    @property
    def cut_off(self) -> list[str]:
        """Texts of which a part can be seen nowhere, and by no scrolling."""
        return list(self.page.evaluate(CUT_OFF))

    @property
    def text(self) -> str:
        """What can be read."""
        return str(self.page.evaluate("document.body.innerText"))

    def axe(self, *rules: str) -> list[str]:
        """What axe-core finds, a line an element.

        Args:
            rules: their ids; those of WCAG 2.2 at levels A and AA and of best practice if there are none.
        """
        if not self.script:
            # No timer runs then either; axe waits for some, and a promise does as well.
            self.page.evaluate("() => { window.setTimeout = call => { Promise.resolve().then(call); return 0; }; }")
        self.page.evaluate(_axe_core())
        found = self.page.evaluate(
            "only => axe.run(document, { runOnly: only, resultTypes: ['violations'], preload: false })",
            {"type": "rule", "values": rules} if rules else {"type": "tag", "values": [*WCAG, PRACTICE]},
        )
        return [
            f"{PRACTICE if PRACTICE in rule['tags'] else 'axe'}: {rule['id']}: "
            f"{' '.join(map(str, node['target']))}: {node['html'][:120]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def walk(self, key: str = "Tab") -> list[dict[str, Any]]:
        """Press a key until the page is through, and say where the focus was each time.

        Returns:
            for each stop ``name``, ``number`` (among the page's elements), ``outlined`` and ``seen``.
        """
        stops: list[dict[str, Any]] = []
        for _ in range(LIMIT):
            self.page.keyboard.press(key)
            stop = self.page.evaluate(FOCUSED)
            if stop is None or (stops and stop["number"] == stops[0]["number"]):
                return stops
            stops.append(stop)
        raise AssertionError(f"the keyboard is trapped at {stops[-1]['name']}")

    def unreached(self, stops: Sequence[dict[str, Any]]) -> list[str]:
        """What can be clicked, written into or scrolled, and is at none of the stops."""
        numbers = {stop["number"] for stop in stops}
        return [one["name"] for one in self.page.evaluate(REACHABLE) if not numbers & set(one["by"])]

    def faults(self, *, keys: Sequence[str] = (FORTH,), axe: Sequence[str] | None = ()) -> list[str]:
        """All that is wrong with the page, a line each, with what found it before a colon.

        Args:
            keys: those with which the keyboard goes through it.
            axe: the rules that axe is asked for, as for ``axe``; ``None`` for none at all, since they take longest.
        """
        # Before the keyboard scrolls anything: half under a head that stays in view, a link is not as large as it is.
        found = [] if axe is None else self.axe(*axe)
        stops = [stop for key in keys for stop in self.walk(key)]
        if keys:
            found += [f"unreached: {each}" for each in self.unreached(stops)]
        found += [f"no outline: {stop['name']}" for stop in stops if not stop["outlined"]]
        found += [f"covered: {stop['name']}" for stop in stops if not stop["seen"]]
        found += [f"outward: {each}" for each in self.outward] + [f"cut off: {each}" for each in self.cut_off]
        found += [f"overflow: {self.overflow} px"] if self.overflow > 0 else []
        found += [f"ran: {self.ran}"] if self.ran else []
        return found + [f"asked: {each}" for each in self.asked] + [f"complaint: {each}" for each in self.complaints]

    def shoot(self, name: str) -> None:
        """Write a screenshot of the whole page into ``reports/screenshots``."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def look(browser: Browser, path: Path, view: str, *, walk: bool = True) -> list[str]:
    """Open a file in one of the ``VIEWS``, take a screenshot of it, and say what is wrong with it.

    Args:
        browser: the browser.
        path: the file.
        view: which of the views.
        walk: whether the keyboard goes through it, where it does in that view.
    """
    with visit(browser, path.as_uri(), **VIEWS[view]) as seen:
        if view in SHOT:
            seen.shoot(f"{path.parent.name}-{path.stem}-{view}")
        return seen.faults(keys=WALKS.get(view, ()) if walk else (), axe=AXED.get(view))


@contextmanager
def visit(
    browser: Browser, url: str, *, width: int = 1024, script: bool = True, paper: bool = False, scheme: str = "light"
) -> Iterator[Visit]:
    """Open a page in a context of its own.

    Args:
        browser: the browser.
        url: the page, of a file or of a server on this machine.
        width: of the window, in CSS pixels.
        script: whether JavaScript is on.
        paper: whether it is laid out for print, on a sheet of ``PAPER``.
        scheme: ``light`` or ``dark``.
    """
    size = {"width": PAPER if paper else width, "height": HEIGHT}
    context = browser.new_context(java_script_enabled=script, viewport=size, color_scheme=scheme)
    context.set_default_timeout(20_000)
    page = context.new_page()
    seen = Visit(page, script)

    def own(address: str) -> bool:
        return address.partition("?")[0].partition("#")[0] == url

    def asks(request: Request) -> None:
        if not own(request.url) and not request.url.startswith("data:"):
            seen.asked.append(request.url)

    def answer(route: Route) -> None:
        if own(route.request.url):
            route.continue_()
        else:
            route.abort()

    def says(message: Any) -> None:
        if message.type in ("error", "warning", "violation"):
            seen.complaints.append(f"{message.type}: {message.text}")

    def dialog(box: Any) -> None:
        seen.dialogs.append(box.message)
        box.dismiss()

    context.on("request", asks)
    context.route("**/*", answer)
    page.on("console", says)
    page.on("pageerror", lambda error: seen.complaints.append(f"exception: {error}"))
    page.on("crash", lambda _: seen.complaints.append("the page crashed"))
    page.on("websocket", lambda socket: seen.asked.append(socket.url))
    page.on("popup", lambda popup: seen.asked.append(popup.url))
    page.on("dialog", dialog)
    page.add_init_script(WATCH)
    if paper:
        page.emulate_media(media="print")
    page.goto(url)
    page.evaluate("document.fonts.ready.then(() => 0)")
    yield seen
    context.close()


@contextmanager
def served(path: Path, policy: str) -> Iterator[str]:
    """Serve one file on this machine, with a Content-Security-Policy, and give its URL."""
    body = path.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{path.name}"
        server.shutdown()


@cache
def _axe_core() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

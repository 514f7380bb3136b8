"""What a terminal or a log is shown while a class is graded, and when it is done."""

from __future__ import annotations

import re
from io import BytesIO, StringIO, TextIOWrapper

import classes as c
import pytest
from rich.cells import cell_len

from stslab.grading.graded import Graded
from stslab.report.progress import LINES, Progress
from stslab.report.summary import LOWEST, ROWS, console, summary
from stslab.result import Outcome

FAILED, BLOCKED, UNDETERMINED = Outcome.FAILED, Outcome.BLOCKED, Outcome.UNDETERMINED


class Screen(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal of 100 columns that can do all that is usual."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Screen()


def graded_one_a_second(graded: list[Graded], stream: StringIO) -> str:
    """What is shown while a class is graded."""
    now = 0.0
    with Progress(len(graded), stream, clock=lambda: now) as progress:
        for one in graded:
            now += 1
            progress.advance(one)
    return stream.getvalue()


def summed(graded: list[Graded], width: int = 100, **options: str) -> list[str]:
    """The lines of the summary, as a log has them."""
    stream = StringIO()
    summary(graded, stream, width, **options)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def controls(text: str) -> set[str]:
    return {char for char in text if not char.isprintable()} - {"\n", "\u200d"}


# While it works


@pytest.mark.parametrize("total", [0, 1, 3, 19, 20, 21, 40, 3000])
def test_a_log_has_few_plain_lines_and_the_last_says_all(total, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    said = graded_one_a_second([c.graded("\x1b[2J[red]")] * total, StringIO())
    lines = said.splitlines()
    assert not controls(said)
    assert len(lines) == min(total, LINES)
    if total:
        assert lines[0].startswith(f"Graded 1 of {total} (")
        assert lines[-1].startswith(f"Graded {total} of {total} (100 %), 1.0 a second, ")


def test_a_line_tells_rate_time_left_and_problems():
    graded = [c.graded("a"), c.graded("b", problem="no"), c.graded("c", {"user.created": (UNDETERMINED, "?")})]
    lines = graded_one_a_second([*graded, *[c.graded("d")] * 97], StringIO()).splitlines()
    assert lines[0] == "Graded 1 of 100 (1 %), 1.0 a second, 1 min 39 s left"
    assert lines[1] == "Graded 6 of 100 (6 %), 1.0 a second, 1 min 34 s left, 2 need a person, 1 not graded"
    assert lines[-1] == "Graded 100 of 100 (100 %), 1.0 a second, 1 min 40 s in all, 2 need a person, 1 not graded"


def test_a_terminal_has_a_bar_with_all_that(terminal):
    graded = [c.graded("a", problem="no"), *[c.graded("b")] * 29]
    plain = re.sub(r"\x1b\[[\d;?]*\w", "", graded_one_a_second(graded, terminal))
    assert re.search(r"Grading ━+ 30/30 1\.0/s 00:00 1 needs a person, 1 not graded\s*$", plain)


def test_the_cursor_is_back_after_an_interruption(terminal):
    def interrupted() -> None:
        with Progress(2, terminal) as progress:
            progress.advance(c.graded("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


def test_a_terminal_that_can_do_nothing_gets_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    said = graded_one_a_second([c.graded("a")] * 5, terminal)
    assert not controls(said)
    assert said.startswith("Graded 1 of 5 ")


# When it is done


def test_each_submission_of_a_small_class_has_a_row_with_what_to_look_at_first():
    graded = [
        c.graded("a", {"role.trust": (FAILED, "it names\na service"), "user.created": (BLOCKED, "by x")}),
        c.graded("b", {"role.trust": (FAILED, "no"), "user.no-s3": (UNDETERMINED, "who knows")}),
        c.graded("c", problem="It did not end."),
        c.graded("d"),
    ]
    lines = summed(graded, reports="out/2026")
    assert lines[0] == "4 submissions: 3 graded, 1 could not be graded; 2 need a person."
    assert lines[1] == "Scores: mean 94.6 %, median 94.4 %, quartiles 91.9 % and 97.2 %."
    at = next(at for at, line in enumerate(lines) if line.startswith("Submission"))
    places = [re.search(rf"(?<= ){re.escape(mark)}(?= )", lines[at]).start() for mark in "PFB?"]
    rows = lines[at + 2 : at + 6]
    assert [row[: places[0] - 1].split() for row in rows] == [
        *(["a", "170", "/", "190"], ["b", "170", "/", "180"], ["c", "0", "/", "0"], ["d", "190", "/", "190"]),
    ]
    assert [[row[place - 1 : place + 1].strip() for place in places] for row in rows] == [
        *(["17", "1", "1", ""], ["17", "1", "", "1"], ["", "", "", "19"], ["19", "", "", ""]),
    ]
    assert [row[lines[at].index("To look at first") :] for row in rows] == [
        *("F role.trust: it names a service", "? user.no-s3: who knows", "? It did not end.", ""),
    ]
    assert lines[-2:] == [
        "P passed, F failed, B blocked, ? undecided",
        "Reports: out/2026; begin with class.html there.",
    ]
    assert "Reports" not in "".join(summed(graded))


def test_what_passed_with_a_reference_document_is_counted_by_itself():
    outcomes = {"stack.deploys": (FAILED, "no"), "role.trust": (FAILED, "no")}
    lines = summed(
        [c.graded("a", outcomes, carried={"role.trust": "template", "stack.bucket": "template"}), c.graded("b")]
    )
    assert " P  *  F  B  ?  To look at first" in "\n".join(lines)
    assert [line.split()[4:7] for line in lines if line.startswith("a ")] == [["16", "1", "2"]]
    assert "* passed with a reference document" in lines[-1]
    assert "*" not in "".join(summed([c.graded("b")]))


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("graded", [c.drawn(40), c.drawn(1000), c.saying(c.HOSTILE)], ids=["40", "1000", "hostile"])
def test_a_row_is_one_line_and_no_line_is_wider_than_the_terminal(graded, width):
    lines = summed(graded, width)
    assert max(cell_len(line) for line in lines) <= width
    assert len(lines) == len(summed(graded, 1000))


def test_names_and_reasons_are_shown_as_they_are_and_do_nothing():
    said = "\n".join(summed(c.saying(c.HOSTILE), 400))
    assert not controls(said)
    for text in ("[red]markup[/red] [/] [link=file:///]x[/link]", r"\x1b[31mred\x1b[0m\x07\x9b2J", r"line\nbreak\r\n"):
        assert text in said
    assert len(said.splitlines()) == len(c.HOSTILE) + 7


def test_a_console_takes_no_text_for_markup():
    stream = StringIO()
    console(stream, 100).print("[red]x[/] :boom:")
    assert stream.getvalue() == "[red]x[/] :boom:\n"


def test_on_a_terminal_there_are_colours_and_none_of_a_students_making(terminal):
    summary(c.saying(c.HOSTILE), terminal, 400)
    said = terminal.getvalue()
    assert "\x1b[35m1\x1b[0m" in said
    assert not controls(re.sub(r"\x1b\[[\d;]*m", "", said))
    assert "\x1b[31mred" not in said
    assert "[red]markup[/red] [/] [link=file:///]x[/link]" in said


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
@pytest.mark.parametrize("count", [len(c.HOSTILE), ROWS + 1])
def test_a_stream_that_has_not_all_characters_gets_those_that_it_has(encoding, count):
    written = BytesIO()
    stream = TextIOWrapper(written, encoding=encoding)
    summary((c.saying(c.HOSTILE) * 3)[:count], stream, 100)
    stream.flush()
    said = written.getvalue().decode(encoding)
    assert ("💩" in said, r"\U0001f4a9" in said) == (encoding == "utf-8", encoding != "utf-8")


def test_a_large_class_has_its_distribution_its_lowest_and_those_who_need_a_person():
    graded = c.drawn(1000)
    people = [one for one in graded if one.needs_person]
    lines = summed(graded)
    starts = {line.strip(): at for at, line in enumerate(lines)}
    bins = lines[: starts[f"The {LOWEST} lowest scores"]]
    counts = [int(line.split()[-1]) for line in bins if "█" in line or line.endswith(" 0")]
    assert len(counts) == 11
    assert sum(counts) == 1000 - sum(bool(one.problem) for one in graded)
    longest = max((line for line in bins if "█" in line), key=lambda line: line.count("█"))
    assert longest.count("█") == 50
    assert int(longest.split()[-1]) == max(counts)
    rows = [line.split() for line in lines if line.startswith("student-")]
    scores = [int(row[1]) / int(row[3]) for row in rows[:LOWEST]]
    worst = sorted(one.result.score / one.result.max_score for one in graded if one.result.max_score)
    assert scores == worst[:LOWEST]
    assert [row[0] for row in rows[LOWEST:]] == [one.name for one in people[:ROWS]]
    assert f"and {len(people) - ROWS} more: class.html has them all" in lines
    assert len(lines) < 100


def test_a_class_of_nobody_is_summed_up_too():
    assert summed([])[0] == "0 submissions: 0 graded, 0 could not be graded; 0 need a person."

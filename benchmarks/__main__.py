"""``make bench``: what the lab costs beside a bare script, its start, its reports, the classes, the sandbox."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.graded import fresh, graded
from benchmarks.rendered import shares
from benchmarks.serving import serving
from benchmarks.simulated import decisions_a_second

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = "import pytest, boto3, moto.cloudformation.models"


def measured(kind: str) -> tuple[float, int]:
    """Seconds and calls of one run after its imports."""
    command = [sys.executable, "-m", "benchmarks.measured", kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return float(answer["seconds"]), int(answer["calls"])


def whole(*command: str) -> float:
    """Seconds of a whole process."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def compare(title: str, goal: float | None, ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> None:
    """Run two things in turn and print the ratio of each pair: least, median, most."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(runs)]
    ratios = sorted(a / b for a, b in pairs)
    median = statistics.median(ratios)
    aim = "" if goal is None else f", goal at most {goal}: {'met' if median <= goal else 'MISSED'}"
    print(title)
    print(f"  ratio {median:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) over {runs} pairs{aim}")
    for name, times in (("ours", [a for a, _ in pairs]), ("theirs", [b for _, b in pairs])):
        print(f"  {name:<6} {statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f})")


def verdict(goal: str, met: bool) -> str:
    """A goal, and whether it is met."""
    return f"goal {goal}: {'met' if met else 'MISSED'}"


def grading(runs: int, small: int, large: int) -> None:
    """Compare the grading of classes with what it stands beside, in turns, and print the ratios."""
    afresh, bare, sizes = [], [], []
    for _ in range(runs):
        cost = graded(small)
        afresh.append(fresh(4) / cost.seconds)
        bare.append(measured("session-each")[0] / cost.seconds)
        sizes.append(cost)
    print(f"stslab grade, a class of {small}, start-up included")
    for title, found, goal in (("one fresh pytest a submission", afresh, 20.0), ("a bare script's calls", bare, 0.4)):
        median = statistics.median(found)
        told = verdict(f"at least {goal:g}", median >= goal)
        print(f"  {median:.2f} times as fast as {title} ({min(found):.2f} to {max(found):.2f}), {told}")
    seconds = statistics.median(cost.seconds for cost in sizes)
    print(f"  {seconds:.3f} s a submission")
    grown = graded(large)
    growth, memory = grown.seconds / seconds, grown.megabytes / statistics.median(cost.megabytes for cost in sizes)
    print(f"a class of {large} against one of {small}")
    print(f"  {growth:.2f} times the cost a submission, {verdict('at most 1.1', growth <= 1.1)}")
    print(f"  {memory:.2f} times the memory, {grown.megabytes:.0f} MB at most")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="pairs per comparison, after one that does not count")
    parser.add_argument("--class", type=int, default=100, dest="small", metavar="N", help="submissions of a class")
    parser.add_argument("--large", type=int, default=1000, metavar="N", help="submissions of a large class")
    options = parser.parse_args()
    runs = options.runs
    counts = {kind: measured(kind)[1] for kind in ("lab", "one-session", "session-each")}
    print(f"calls: {counts}")
    for kind, goal in (("session-each", 1.3), ("one-session", None)):
        compare(
            f"the lab against a bare script, {kind.replace('-', ' ')}, after imports",
            goal,
            lambda: measured("lab")[0],
            lambda kind=kind: measured(kind)[0],  # type: ignore[misc]
            runs,
        )
    compare(
        f"make lab against python -c '{IMPORTS}'",
        2.5,
        lambda: whole("make", "lab"),
        lambda: whole(sys.executable, "-c", IMPORTS),
        runs,
    )
    rates = sorted(decisions_a_second() for _ in range(runs))
    median = statistics.median(rates)
    print("stslab simulate --jsonl, start-up excluded")
    print(
        f"  {median:.0f} decisions a second ({rates[0]:.0f} to {rates[-1]:.0f}) over {runs} runs, goal at least 5000: "
        f"{'met' if median >= 5000 else 'MISSED'}"
    )
    shares(runs, options.large)
    grading(min(runs, 3), options.small, options.large)
    serving(runs)


if __name__ == "__main__":
    main()

"""The distribution of scores as a picture: inline SVG, which needs no script and no other file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from stslab.report.figures import Bin

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 68, 8, 24, 52
"""The picture's size and its margins, in units of the SVG."""

_GAP = 6
_STEPS = 5


def histogram(bins: Sequence[Bin]) -> str:
    """Draw the distribution.

    Args:
        bins: its columns, from the left.
    """
    highest = max(column.total for column in bins)
    step = _step(highest)
    ceiling = step * max(-(-highest // step), 1)
    said = "; ".join(f"{_range(column.label)} %: {column.total}" for column in bins if column.total)
    parts = [*_grid(ceiling, step), *_columns(bins, ceiling), *_axes()]
    return (
        f'<svg class="histogram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="scores-are scores-count">'
        f'<title id="scores-are">How many submissions have which score</title>'
        f'<desc id="scores-count">{escape(said)}</desc>'
        '<defs><pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="6" height="6"/><rect class="hatch-line" width="2.5" height="6"/>'
        f"</pattern></defs>{''.join(parts)}</svg>"
    )


def _step(highest: int) -> int:
    """The distance of the grid's lines: 1, 2 or 5 times a power of ten, so that there are few."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if highest <= factor * power * _STEPS:
                return factor * power
        power *= 10


def _grid(ceiling: int, step: int) -> Iterator[str]:
    for count in range(0, ceiling + 1, step):
        y = _y(count, ceiling)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{count:,}</text>'


def _columns(bins: Sequence[Bin], ceiling: int) -> Iterator[str]:
    wide = (WIDTH - LEFT - RIGHT) / len(bins)
    for place, column in enumerate(bins):
        x, middle = LEFT + place * wide + _GAP / 2, LEFT + (place + 0.5) * wide
        top, border = _y(column.total, ceiling), _y(column.final, ceiling)
        for kind, upper, lower in (("final", border, _y(0, ceiling)), ("open", top, border)):
            if upper < lower:
                yield (
                    f'<rect class="{kind}" x="{x:.1f}" y="{upper:.1f}" width="{wide - _GAP:.1f}" '
                    f'height="{lower - upper:.1f}"/>'
                )
        if column.total:
            yield f'<text class="count" x="{middle:.1f}" y="{top - 6:.1f}" text-anchor="middle">{column.total:,}</text>'
        label, below = _range(column.label), HEIGHT - BOTTOM + 18
        yield f'<text class="tick" x="{middle:.1f}" y="{below}" text-anchor="middle">{label}</text>'


def _axes() -> Iterator[str]:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>'
    yield (
        f'<text class="axis-name" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
        "Score, in percent of what could be earned</text>"
    )
    yield (
        f'<text class="axis-name" x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">'
        "Submissions</text>"
    )


def _range(label: str) -> str:
    return label.replace("-", "\N{EN DASH}")


def _y(count: int, ceiling: int) -> float:
    return HEIGHT - BOTTOM - count / ceiling * (HEIGHT - TOP - BOTTOM)

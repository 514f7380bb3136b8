"""The formats by the names that ``--format`` takes, and those that are written unasked."""

from __future__ import annotations

from collections.abc import Mapping

from stslab.exporters import Exporter
from stslab.exporters.canvas import Canvas
from stslab.exporters.classroom import ClassPage
from stslab.exporters.ctrf import Ctrf
from stslab.exporters.github import GitHub
from stslab.exporters.gradebook import Gradebook
from stslab.exporters.gradescope import Gradescope
from stslab.exporters.junit import Junit
from stslab.exporters.moodle import Moodle
from stslab.exporters.prairielearn import PrairieLearn

_ASKED: tuple[Exporter, ...] = (Canvas(), Ctrf(), GitHub(), Gradescope(), Junit(), Moodle(), PrairieLearn())

EXPORTERS: Mapping[str, Exporter] = {exporter.name: exporter for exporter in _ASKED}

ALWAYS: tuple[Exporter, ...] = (Gradebook(), ClassPage())

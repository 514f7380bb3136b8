"""What AWS refuses at a deployment and the emulator does not, as far as cfn-lint knows it.

cfn-lint also has rules of style and of caution; only those count here that say what CloudFormation or a service behind
it enforces. What policies may say is judged by :mod:`stslab.iam`, and what a name collides with by the emulator.

Source: cfn-lint's documentation of its rules; registry resource type schemas, which its checks of properties come from.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

ENFORCED = frozenset(
    f"E{number}"
    for number in (
        # The template, and its functions.
        *(1001, 1002, 1003, 1004, 1010, 1011, 1015, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1024, 1028),
        # Parameters.
        *(2001, 2002, 2003, 2010, 2011, 2015),
        # Resources, and their properties by the registry's schemas.
        *(3001, 3002, 3003, 3004, 3005, 3006, 3007, 3010, 3012, 3014, 3015, 3017, 3018, 3020, 3021),
        *(3030, 3031, 3032, 3033, 3034, 3035, 3036, 3037, 3040, 3045, 1161),
        # Outputs, mappings, conditions.
        *(6001, 6002, 6003, 6004, 6005, 6010, 6101, 6102, 7001, 8001, 8002, 8003, 8004, 8005, 8006, 8007),
    )
)


def lint(text: str, region: str) -> list[str]:
    """What there is against a template, one sentence each with its line.

    Args:
        text: the template.
        region: where it is deployed.
    """
    from cfnlint.api import lint as matches_of

    found = {
        (match.linenumber, match.rule.id, match.message)
        for match in matches_of(text, _rules(), [region])
        if match.rule.id in ENFORCED
    }
    return [f"line {line}: {message.rstrip('.')} (cfn-lint {rule})" for line, rule, message in sorted(found)]


@lru_cache(maxsize=1)
def _rules() -> Any:
    """The rules that find errors, read once: that takes longer than a template."""
    from cfnlint.core import get_rules

    return get_rules([], ["W", "I"], [], {}, False)

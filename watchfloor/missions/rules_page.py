"""docs/rules.md, made from the rules.

watchfloor manage rules_doc > docs/rules.md
"""

from __future__ import annotations

from watchfloor.missions.goals import STATE_RULE
from watchfloor.missions.rules import all_rules
from watchfloor.team.levels import EFFECTS
from watchfloor.team.models import Mission

SIDES = (("broken", "What is broken"), ("working", "What is working"))


def rules_page() -> str:
    """The page as Markdown, one line a paragraph."""
    parts = [
        "# The rules of the home page",
        "What puts a line under “What is working” or “What is broken” on a mission's home, on its stand-up and on "
        "walls. Nothing else does. Each line says its figures and links to its posts.",
        "Stretches are in the mission's own time: a rehearsal at 60 × is looked at through windows 60 times as short. "
        "This page is made from the rules; a test holds it equal.",
    ]
    for side, title in SIDES:
        parts.append(f"## {title}")
        parts += [f"### {rule.title} (`{rule.name}`)\n\n{rule.condition}" for rule in all_rules() if rule.side == side]
    parts += ["## How a goal stands", str(STATE_RULE), "## What each activation level changes"]
    rows = "\n".join(
        f"| {Mission.Level(level).label} | {effects.meant_for} | {' '.join(str(one) for one in effects.says)} |"
        for level, effects in EFFECTS.items()
    )
    parts.append(f"| level | when | what changes |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"

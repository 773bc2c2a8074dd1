"""A draft as pages show it: bars cut to the width, examples with the found words marked, judgements counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.language.tree import Query
from watchfloor.listening.models import Topic
from watchfloor.mentions.backtest import Overlap
from watchfloor.mentions.rows import shown
from watchfloor.mentions.store.store import StoredPost
from watchfloor.mentions.topic_draft import Draft
from watchfloor.team.models import Mission

STEPS = 24  # a bar's parts are so many of these wide, together
LONGEST_EXAMPLE = 280


@dataclass(frozen=True)
class Bar:
    """One window's overlap. `steps` are the widths of the three parts, 0 for a part without posts."""

    title: str
    overlap: Overlap
    steps: tuple[int, int, int]

    @property
    def percent(self) -> str:
        change = self.overlap.change
        if change is None or self.overlap.new == self.overlap.old:
            return ""
        return f"{100 * change:+,.1f} %".replace("-", "−")


def shown_draft(mission: Mission, looked: Draft, topic: Topic | None) -> dict[str, Any]:
    """What `listening/_draft.html` needs."""
    context: dict[str, Any] = {"draft": looked, "typed": looked.typed, "slug": mission.slug, "now": timezone.now()}
    tested = looked.tested
    if tested is None:
        return context
    old = looked.before.query if looked.before else None
    context |= {
        "bars": [_bar(_("24 hours"), tested.day), _bar(_("7 days"), tested.week)],
        "next_version": topic.version + 1 if topic else None,
        "only_new": _hits(tested.new_examples, looked.typed.query),
        "only_old": _hits(tested.old_examples, old),
        "both": _hits(tested.both_examples, looked.typed.query),
    }
    return context


def _bar(title: str, overlap: Overlap) -> Bar:
    counts = (overlap.only_old, overlap.both, overlap.only_new)
    total = sum(counts)
    steps = [max(1, round(STEPS * part / total)) if part else 0 for part in counts] if total else [0, 0, 0]
    return Bar(title, overlap, (steps[0], min(STEPS, steps[1]), steps[2]))


def _hits(posts: Sequence[StoredPost], query: Query | None) -> list[dict[str, Any]]:
    return [shown(post, [query] if query else [], LONGEST_EXAMPLE) for post in posts]


def judged_words(posted: QueryDict) -> str:
    """What somebody said of the examples, for the log; "" if nothing. `new-<post>` and `old-<post>` say yes or no."""
    counted: dict[tuple[str, str], int] = {}
    for name, value in posted.items():
        found = re.fullmatch(r"(new|old)-[0-9]{1,19}", name)
        if found and value in ("yes", "no"):
            counted[found[1], str(value)] = counted.get((found[1], str(value)), 0) + 1
    said = []
    for side, words in (
        ("new", _("%(yes)d of %(all)d looked at that only the new one finds belong.")),
        ("old", _("%(yes)d of %(all)d looked at that only the old one finds belong.")),
    ):
        yes, no = counted.get((side, "yes"), 0), counted.get((side, "no"), 0)
        if yes + no:
            said.append(words % {"yes": yes, "all": yes + no})
    return f"({' '.join(said)})" if said else ""

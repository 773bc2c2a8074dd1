"""The strategy log: who changed what a mission listens to, aims at and does, and why.

    note_strategy(mission, person, "Changed the topic “Wifi”", "German guests write WLAN", "/m/pivot/topics/3/",
                  kind="topic.changed")

Call it in the transaction that makes the change. Entries are never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from watchfloor.team.models import Mission, Person, StrategyEntry

PAGE = 50
LONGEST_WORDS, LONGEST_LINK, LONGEST_KIND = 1_000, 500, 40  # as the columns are


def note_strategy(
    mission: Mission, person: Person | None, what: str, why: str = "", link: str = "", *, kind: str = "other"
) -> StrategyEntry:
    """Write one entry. `person` None: the installation itself. `link` is a page of ours, from "/" on, or ""."""
    return StrategyEntry.objects.create(
        mission=mission,
        person=person,
        kind=kind[:LONGEST_KIND],
        text=_cut(what),
        why=_cut(why),
        link=link if link.startswith("/") and not link.startswith("//") and len(link) <= LONGEST_LINK else "",
    )


@dataclass(frozen=True)
class LogPage:
    """`older` is the id to go on `before`, None at the end. `kinds` are those that occur, with how many entries."""

    entries: list[StrategyEntry]
    older: int | None
    kinds: list[tuple[str, int]]


def strategy_log(
    mission: Mission, *, kinds: Sequence[str] = (), before: int | None = None, limit: int = PAGE
) -> LogPage:
    """The newest entries first; with `kinds`, only those (`topic` holds `topic.made`). Three queries at most."""
    counted: dict[str, int] = {}
    rows = StrategyEntry.objects.filter(mission=mission).order_by().values_list("kind").annotate(n=Count("pk"))
    for kind, entries in rows:
        group = kind.split(".")[0]
        counted[group] = counted.get(group, 0) + entries
    wanted = StrategyEntry.objects.filter(mission=mission).select_related("person").order_by("-pk")
    if kinds:
        present = StrategyEntry.objects.filter(mission=mission).order_by().values_list("kind", flat=True).distinct()
        wanted = wanted.filter(kind__in=[kind for kind in present if kind.split(".")[0] in kinds])
    if before is not None:
        wanted = wanted.filter(pk__lt=before)
    found = list(wanted[: limit + 1])
    return LogPage(found[:limit], found[limit - 1].pk if len(found) > limit else None, sorted(counted.items()))


def _cut(words: str) -> str:
    words = words.strip()
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 1]}…"

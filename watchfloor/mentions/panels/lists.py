"""The most of something: hashtags, links, authors; and hashtags as a race."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.listening.models import Topic
from watchfloor.mentions.metrics.digest import digest
from watchfloor.mentions.panels.building import bars, drawn, figures, parts_of, parts_table
from watchfloor.mentions.panels.shares import share_columns
from watchfloor.metrics.figure import Part
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.unit import Unit
from watchfloor.panels.registry import Column, Drawn, Panel, Setting
from watchfloor.panels.words import bucket_title

MOST = Setting("most", lazy("how many at most"), 10, 1, 50)
RACERS = Setting("most", lazy("how many at most"), 5, 2, 12)
STEPS = 24


def top_hashtags(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = _ours_in_ink(question, parts_of("top-hashtags", question, settings.get("most", 10)))
    first, mentions, share = share_columns(Column("hashtag", _("hashtag")))
    return drawn(
        "top-hashtags",
        question,
        settings,
        chart=bars(question, parts, [part.name or "" for part in parts], _as_words(parts)),
        table=parts_table(parts, first, mentions, share, Column("authors", _("authors"), "number", Unit.AUTHORS)),
        empty="" if parts else _("No hashtags in this stretch."),
        **_read(question),
    )


def hashtag_race(question: Question, settings: dict[str, Any]) -> Drawn:
    """How the leading hashtags came to lead: their mentions since the window began, step by step."""
    most = settings.get("most", 5)
    parts = _ours_in_ink(question, parts_of("top-hashtags", question, most))
    before = digest(_before(question))
    racers = [
        {
            "name": part.name,
            "value": part.value,
            "is_own": part.detail["kind"] == "own",
            "behind": part.behind,
            "change": _change(int(part.value), before.hashtags[part.name or ""]) if before.posts else None,
        }
        for part in parts
    ]
    first, mentions, share = share_columns(Column("hashtag", _("hashtag")))
    return drawn(
        "hashtag-race",
        question,
        settings,
        rows=tuple(racers),
        chart=None if not parts else {**_bars(question, parts), "race": race_steps(question, most)},
        table=parts_table(parts, first, mentions, share, Column("authors", _("authors"), "number", Unit.AUTHORS)),
        empty="" if parts else _("No hashtags in this stretch."),
        **_read(question),
    )


def race_steps(question: Question, most: int) -> list[dict[str, Any]]:
    """What the board showed at each of STEPS moments: hashtags with their mentions until then, the leader first."""
    passed = question.elapsed.whole_minutes()
    length = passed.length / STEPS
    stretches = [Window(passed.since + length * at, passed.since + length * (at + 1)) for at in range(STEPS)]
    counted: Counter[str] = Counter()
    steps = []
    for stretch, posts in zip(stretches, digest(question).by_stretch(stretches), strict=True):
        counted.update(tag for post in posts or () for tag in post.words.hashtags)
        board = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        steps.append({"at": bucket_title(stretch.since, length).split("–")[0], "board": board})
    return steps


def top_links(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("top-links", question, settings.get("most", 10))
    return drawn(
        "top-links",
        question,
        settings,
        table=parts_table(
            parts,
            Column("link", _("page"), "link"),
            Column("mentions", _("mentions"), "number", Unit.POSTS),
            Column("authors", _("authors"), "number", Unit.AUTHORS),
        ),
        empty="" if parts else _("No links in this stretch."),
        **_read(question),
    )


def top_authors(question: Question, settings: dict[str, Any]) -> Drawn:
    most = settings.get("most", 10)
    parts = parts_of("top-authors", question, most if settings.get("by") != "followers" else 100_000)
    if settings.get("by") == "followers":
        parts = sorted(parts, key=lambda part: -(part.detail["followers"] or 0))[:most]
    return drawn(
        "top-authors",
        question,
        settings,
        metrics=figures(question, "unique-authors", "potential-reach"),
        table=parts_table(
            parts,
            Column("author", _("author"), "author"),
            Column("network", _("network"), "network"),
            Column("mentions", _("mentions"), "number", Unit.POSTS),
            Column("followers", _("followers"), "number", Unit.PEOPLE),
            Column("engagements", _("engagements"), "number", Unit.ENGAGEMENTS),
        ),
        empty="" if parts else _("No authors are told in this stretch."),
        **_read(question),
    )


def _bars(question: Question, parts: list[Part]) -> dict[str, Any]:
    made: dict[str, Any] = bars(question, parts, [part.name or "" for part in parts], _as_words(parts))
    return made


def _before(question: Question) -> Question:
    now = question.elapsed.whole_minutes()
    return question.within(now.moved(-now.length))


def _change(now: int, before: int) -> dict[str, Any]:
    """Against as long a stretch before: "new", "× 4", "10 %"."""
    if not before:
        return {"direction": 1, "words": _("new")}
    if now >= before * 3:
        return {"direction": 1, "words": f"× {now / before:.0f}"}
    per_cent = round((now - before) / before * 100)
    return {"direction": (per_cent > 0) - (per_cent < 0), "words": f"{abs(per_cent)} %" if per_cent else _("as before")}


def _ours_in_ink(question: Question, parts: list[Part]) -> list[Part]:
    """Hashtags that one of our own topics names are drawn as ours."""
    queries = Topic.objects.filter(mission=question.mission, role=Topic.Role.OWN).values_list("query", flat=True)
    ours = " ".join(queries).casefold()
    return [
        replace(part, detail={**part.detail, "kind": "own" if part.name and part.name in ours else "quiet"})
        for part in parts
    ]


def _read(question: Question) -> dict[str, Any]:
    note = digest(question).note
    return {"says": note} if note else {}


def _as_words(parts: list[Part]) -> str:
    return ", ".join(f"{part.name}: {part.value:,.0f}" for part in parts)


PANELS = (
    Panel(
        "hashtag-race",
        lazy("Hashtag race"),
        lazy("How the leading hashtags came to lead; ours in ink."),
        ("top-hashtags",),
        "race",
        hashtag_race,
        settings=(RACERS,),
    ),
    Panel(
        "top-hashtags",
        lazy("Hashtags"),
        lazy("The hashtags in most mentions; ours in ink."),
        ("top-hashtags",),
        "bars",
        top_hashtags,
        settings=(MOST,),
    ),
    Panel(
        "top-links",
        lazy("Links"),
        lazy("The pages that most mentions link to."),
        ("top-links",),
        "list",
        top_links,
        settings=(MOST,),
    ),
    Panel(
        "top-authors",
        lazy("Authors"),
        lazy("Who says most, or who is followed most."),
        ("top-authors", "unique-authors", "potential-reach"),
        "list",
        top_authors,
        settings=(
            MOST,
            Setting(
                "by",
                lazy("order"),
                "mentions",
                choices=(("mentions", lazy("mentions")), ("followers", lazy("followers"))),
            ),
        ),
    ),
)

"""What the rows of a wall's panels say: five things at most, no handle, no link, no inner matter."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language_info, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from watchfloor.mentions import reads
from watchfloor.mentions.store.store import StoredPost
from watchfloor.missions.goal_card import GoalCard
from watchfloor.missions.rules import Line
from watchfloor.panels.drawn import Drawn
from watchfloor.sources.reads import network_marks
from watchfloor.wall.models import Wall
from watchfloor.wall.safe import judged, may_say

MOST_ROWS = 5
INNER = frozenset({"source-down", "gap-lately", "not-listening", "copies"})  # whose details are no visitor's business
LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
HANDLE = re.compile(r"(?<![\w@])@\w(?:[\w.@-]*\w)?")
LEADING = re.compile(r"^\s*(?:@…[\s,:]*)+")
TONES = {
    "positive": pgettext_lazy("sentiment", "positive"),
    "neutral": pgettext_lazy("sentiment", "neutral"),
    "negative": pgettext_lazy("sentiment", "negative"),
}


@dataclass(frozen=True)
class Bar:
    """`part` is 0 … 100 of the longest. `direction` 1, 0, -1 of `change`; "" where nothing is known of it."""

    place: int
    name: str
    value: float | None
    share: float | None = None
    part: float | None = None
    is_own: bool = False
    tone: str = ""
    change: str = ""
    direction: int = 0
    small: str = ""


@dataclass(frozen=True)
class Said:
    """A line of what works or is broken. `side` is "broken" or "working"."""

    side: str
    lead: str
    title: str
    says: str
    needs_you: bool


def bars(wall: Wall, drawn: Drawn, most: int = MOST_ROWS) -> list[Bar]:
    """The first rows of the panel that may be shown, in their order."""
    read = READERS.get(drawn.panel, _of_table)
    found = [row for row in read(drawn) if row["name"] and may_say(wall, row["name"])][:most]
    largest = max((row["value"] or 0 for row in found), default=0) or 1
    return [
        Bar(place=at + 1, part=None if row["value"] is None else round(100 * row["value"] / largest, 2), **row)
        for at, row in enumerate(found)
    ]


def _of_table(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for row in _rows(drawn):
        name = next(iter(row.values()))
        yield {"name": str(name or _("not told")), "value": row.get("mentions"), "share": row.get("share")}


def _race(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for racer in drawn.rows:
        change = racer["change"] or {}
        yield {
            "name": racer["name"] or "",
            "value": racer["value"],
            "is_own": racer["is_own"],
            "change": change.get("words", ""),
            "direction": change.get("direction", 0),
        }


def _hashtags(drawn: Drawn) -> Iterator[dict[str, Any]]:
    kinds = {row["n"]: row["kind"] for row in (drawn.chart or {}).get("data", {}).get("all", ())}
    for row in _rows(drawn):
        yield {"name": row["hashtag"] or "", "value": row["mentions"], "is_own": kinds.get(row["hashtag"]) == "own"}


def _networks(drawn: Drawn) -> Iterator[dict[str, Any]]:
    marks = network_marks()
    for row in _rows(drawn):
        known = marks.get(row["network"])
        name = known.title if known else row["network"] or _("not told")
        yield {"name": name, "value": row["mentions"], "share": row["share"]}


def _languages(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for row in _rows(drawn):
        yield {"name": language_name(row["language"]), "value": row["mentions"], "share": row["share"]}


def _tones(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for row in _rows(drawn):
        tone = row["sentiment"]
        name = str(TONES.get(tone) or pgettext("sentiment", "unknown"))
        yield {"name": name, "value": row["mentions"], "share": row["share"], "tone": tone or "unknown"}


def _links(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for row in _rows(drawn):
        yield {"name": str(row["link"] or "").split("://", 1)[-1].removeprefix("www.")[:60], "value": row["mentions"]}


def _authors(drawn: Drawn) -> Iterator[dict[str, Any]]:
    """By the names that people gave themselves; whoever gave none is not named by a handle."""
    for row in _rows(drawn):
        name = str(row["author"] or "")
        if name and not is_handle(name):
            yield {"name": name, "value": row["mentions"]}


def _emerging(drawn: Drawn) -> Iterator[dict[str, Any]]:
    for row in _rows(drawn):
        people = row["authors"] or 0
        yield {"name": row["term"] or "", "value": people, "small": ngettext("person", "people", people)}


READERS: dict[str, Callable[[Drawn], Iterator[dict[str, Any]]]] = {
    "hashtag-race": _race,
    "top-hashtags": _hashtags,
    "network-share": _networks,
    "language-share": _languages,
    "sentiment": _tones,
    "top-links": _links,
    "top-authors": _authors,
    "emerging": _emerging,
}


def _rows(drawn: Drawn) -> Iterator[dict[str, Any]]:
    names = [column.name for column in drawn.table.columns]
    for row in drawn.table.rows:
        yield dict(zip(names, row, strict=True))


def language_name(code: str | None) -> str:
    if not code:
        return _("not known")
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def goals(drawn: Drawn) -> list[GoalCard]:
    return [card for card in drawn.rows if isinstance(card, GoalCard)][:MOST_ROWS]


def works_and_broken(wall: Wall, drawn: Drawn) -> list[Said]:
    """The lines of the home page without what only the team may know; what quotes a post only if it may be shown."""
    shown = []
    for side, line in drawn.rows:
        if line.post_id is not None and not _may_show(wall, line):
            continue
        if may_say(wall, line.title):
            says = "" if line.rule in INNER else line.says
            shown.append(Said(side, line.lead, line.title, says, line.needs_you))
    return shown[:MOST_ROWS]


def _may_show(wall: Wall, line: Line) -> bool:
    assert line.post_id is not None
    post = reads.post(wall.mission, line.post_id)
    return post is not None and judged(wall, [post])[post.id].shown


def posts(wall: Wall, found: list[StoredPost], most: int) -> list[StoredPost]:
    """The first that may be shown."""
    verdicts = judged(wall, found)
    return [post for post in found if verdicts[post.id].shown][:most]


def who(post: StoredPost) -> str:
    """The name that its author gives; never a handle."""
    name = (post.post.author.name or "").strip()
    return name if name and not is_handle(name) else _("somebody")


def words_of(post: StoredPost, ours: Collection[str]) -> str:
    """What it says, without links and without the handles of others; `ours` ("@pivot") stay."""
    text = LINK.sub(" ", post.post.text or post.post.title or "")
    text = LEADING.sub("", HANDLE.sub(lambda found: found[0] if found[0].casefold() in ours else "@…", text))
    return " ".join(text.split())


def is_handle(name: str) -> bool:
    """`@tom`, `tom.hale.bsky.social`, `@tom@chaos.example`: what stands where an account gave itself no name."""
    return name.startswith("@") or re.fullmatch(r"[\w-]+(\.[\w-]+)+", name) is not None

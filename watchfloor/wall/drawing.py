"""A wall's scene as HTML: each panel drawn once, for all screens that show it.

Charts are drawn here, as SVG: screens then hold no drawing code, stay flat in memory and are sharp at any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from watchfloor.lib.spans import short_span
from watchfloor.mentions import reads
from watchfloor.mentions.rows import name_of
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question, Window
from watchfloor.panels.drawn import Drawn
from watchfloor.panels.registry import UnknownPanel, panel
from watchfloor.sources.reads import health, heard_by
from watchfloor.wall.models import Scene, Wall
from watchfloor.wall.safe import judged

MOST_ROWS = 5  # things that a panel says at most
WIDTHS = {4: 580, 5: 700, 6: 860, 7: 1000, 12: 1760}  # of a chart, in pixels of a screen of 1920, by its columns
CHART_HEIGHT = 380
LOOKED_THROUGH = 60  # newest posts that are looked through for the few that a wall shows
SPANS = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
# How old what a panel says may be, in seconds, by its kind: posts are shown as they come, a chart is drawn slowly.
MAY_BE_OLD = {
    "posts": 0.0,
    "clock": 0.0,
    "number": 2.0,
    "list": 3.0,
    "race": 3.0,
    "bars": 3.0,
    "words": 5.0,
    "line": 5.0,
}


@dataclass(frozen=True)
class Place:
    """Where a panel stands on the grid of twelve, and how it is drawn there. `number` is its place in the scene."""

    number: int
    panel: str
    kind: str
    columns: int
    settings: dict[str, Any]
    topics: tuple[int, ...]


def places(scene: Scene) -> list[Place]:
    """The panels of a scene that still exist, side by side; four stand two by two."""
    known = []
    for number, told in enumerate(scene.panels):
        try:
            one = panel(told["panel"])
        except (UnknownPanel, KeyError):
            continue
        known.append((number, one, told))
    widths = _widths([one.kind for _n, one, _told in known])
    return [
        Place(number, one.name, one.kind, columns, told.get("settings") or {}, tuple(told.get("topics") or ()))
        for (number, one, told), columns in zip(known, widths, strict=True)
    ]


def _widths(kinds: list[str]) -> list[int]:
    if len(kinds) == 2:  # posts need the room to be read
        return [5, 7] if kinds[1] == "posts" else [7, 5] if kinds[0] == "posts" else [6, 6]
    return {0: [], 1: [12], 3: [4, 4, 4], 4: [6, 6, 6, 6]}[len(kinds)]


def period(wall: Wall, now: datetime) -> Window:
    """What all panels of the wall show, up to a minute to come, so that a post of this second is inside."""
    until = now + timedelta(minutes=1)
    if wall.period == Wall.Period.TODAY:
        return Window(now.astimezone(wall.mission.zone).replace(hour=0, minute=0, second=0, microsecond=0), until)
    return Window(now - SPANS[wall.period], until)


def draw(wall: Wall, place: Place, now: datetime) -> str:
    """One panel as HTML that is safe to show. A panel that can't be drawn says so rather than standing empty."""
    question = Question(wall.mission, period(wall, now), topic_ids=place.topics or None, now=now)
    with timezone.override(wall.mission.zone):
        drawn = panel(place.panel).draw(question, place.settings)
        shown: dict[str, Any] = {
            "drawn": drawn,
            "place": place,
            "wall": wall,
            "now": now,
            "headline": None,
            "chart": "",
        }
        if drawn.kind == "posts":
            shown["posts"] = _posts(wall, drawn, now)
        else:
            shown["headline"] = drawn.metrics[0] if drawn.metrics and drawn.kind in ("number", "line") else None
            shown["bars"] = _bars(drawn) if drawn.kind in ("bars", "race", "list", "words") else []
            if drawn.chart and not shown["bars"]:
                from watchfloor.panels.picture import svg  # loads a drawing engine, which the first chart pays

                drawn_as = svg(drawn, theme="wall", width=WIDTHS[place.columns], height=CHART_HEIGHT)
                shown["chart"] = mark_safe(drawn_as)  # noqa: S308 - of our own renderer
        html = render_to_string("wall/_panel.html", shown)
    return html + ""  # a plain str, which frames can hold


def _posts(wall: Wall, drawn: Drawn, now: datetime) -> list[dict[str, Any]]:
    rows = [row for row in drawn.rows if isinstance(row, StoredPost)]
    if not rows:
        rows = reads.newest(wall.mission, drawn.question.topic_ids, window=drawn.question.window, limit=LOOKED_THROUGH)
    verdicts = judged(wall, rows)
    fit = [post for post in rows if verdicts[post.id].shown]
    return [
        {
            "id": post.id,
            "name": name_of(post.post.author) or _("somebody"),
            "network": post.post.network,
            "ago": short_span(now - post.at),
            "text": post.post.text or post.post.title or "",
            "lang": post.language,
            "photo": post.post.media[0] if post.post.media and wall.media != Wall.Media.NONE else None,
            "is_clear": verdicts[post.id].is_clear,
        }
        for post in fit[:3]
    ]


def _bars(drawn: Drawn) -> list[dict[str, Any]]:
    """The first rows of the panel's table as bars: name, number, part of the largest."""
    columns = drawn.table.columns
    name = next((n for n, column in enumerate(columns) if column.kind in ("text", "network", "link")), 0)
    number = next((n for n, column in enumerate(columns) if column.kind == "number"), None)
    share = next((n for n, column in enumerate(columns) if column.kind == "share"), None)
    rows = drawn.table.rows[:MOST_ROWS]
    counted = [row[number] or 0 for row in rows] if number is not None else []
    largest = max(counted, default=0) or 1
    return [
        {
            "place": at + 1,
            "name": row[name],
            "is_network": columns[name].kind == "network",
            "value": row[number] if number is not None else None,
            "share": row[share] if share is not None else None,
            "part": round(100 * (row[number] or 0) / largest, 2) if number is not None else None,
        }
        for at, row in enumerate(rows)
    ]


def foot(wall: Wall, now: datetime) -> dict[str, Any]:
    """What the thin line says: sources that are well in one go, those that are not each by itself."""
    well, ill, newest = [], [], None
    for connection in heard_by(wall.mission):
        if not connection.is_on:
            continue
        state = health(connection, now)
        newest = max(filter(None, (newest, connection.last_post_at)), default=None)
        if state.is_calm:
            well.append(connection.name[:40])
        else:
            ill.append({"name": connection.name[:40], "words": state.short, "shape": state.shape})
    return {"well": well[:4], "ill": ill[:3], "newest": newest.isoformat() if newest else None}

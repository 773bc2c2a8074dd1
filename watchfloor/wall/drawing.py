"""A wall's scene as HTML: each panel drawn once, for all screens that show it.

Charts are drawn here, as SVG: screens then hold no drawing code, stay flat in memory and are sharp at any size.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from watchfloor.lib.kept import Kept
from watchfloor.lib.spans import short_span
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question, Window
from watchfloor.panels.drawn import Drawn
from watchfloor.panels.registry import Panel, UnknownPanel, panel
from watchfloor.sources.reads import health, heard_by
from watchfloor.wall import lists
from watchfloor.wall.models import Scene, Wall
from watchfloor.wall.photos import Photo, photos_of
from watchfloor.wall.titles import beside_figure, than_before, title_of

# Of a chart, in pixels of a screen of 1920 × 1080: width by the panel's columns, height by what stands above it.
WIDTHS = {4: 564, 5: 721, 6: 877, 7: 1034, 8: 1190, 12: 1814}
HEIGHTS = {"number": 430, "line": 700, "low": 230}
LOOKED_THROUGH = 60  # newest posts that are looked through for the few that a wall shows
# A wall leaves out what may not be shown, so panels are asked for more than it shows.
ASKED = {"stream": 50, "questions": 20, "top-posts": 12, "photos": 24, "top-authors": 20}
ASKED_OF_LISTS = 12
SPANS = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
# How old what a panel says may be, in seconds: posts are shown as they come, charts are drawn slowly.
MAY_BE_OLD = {"stream": 0.8, "countdown": 0.5, "pulse": 3.0, "announcement": 0.0}
MAY_BE_OLD_BY_KIND = {"line": 5.0, "words": 5.0}
ELSE_SECONDS = 3.0
_charts: Kept[str] = Kept(100)  # drawing one takes longer than everything else about a panel


@dataclass(frozen=True)
class Place:
    """Where a panel stands on the grid of twelve, and how it is drawn there. `number` is its place in the scene.
    `is_low`: it has half the height."""

    number: int
    panel: str
    kind: str
    columns: int
    settings: dict[str, Any]
    topics: tuple[int, ...]
    is_low: bool = False

    @property
    def is_slow(self) -> bool:
        """It has a chart: posts do not wait until that is drawn."""
        return self.kind in ("number", "line")

    @property
    def may_be_old(self) -> float:
        return MAY_BE_OLD.get(self.panel, MAY_BE_OLD_BY_KIND.get(self.kind, ELSE_SECONDS))


def places(scene: Scene) -> list[Place]:
    """The panels of a scene that still exist, side by side; four stand two by two."""
    known: list[tuple[int, Panel, dict[str, Any]]] = []
    for number, told in enumerate(scene.panels):
        try:
            one = panel(told["panel"])
        except (UnknownPanel, KeyError):
            continue
        known.append((number, one, told))
    widths = _widths([one.name for _n, one, _told in known], [one.kind for _n, one, _told in known])
    return [
        Place(
            number,
            one.name,
            one.kind,
            columns,
            told.get("settings") or {},
            tuple(told.get("topics") or ()),
            is_low=len(known) == 4,
        )
        for (number, one, told), columns in zip(known, widths, strict=True)
    ]


def _widths(names: list[str], kinds: list[str]) -> list[int]:
    if len(kinds) == 2:  # words need the room to be read
        wide = [kind == "posts" or name == "works-and-broken" for name, kind in zip(names, kinds, strict=True)]
        return [6, 6] if wide[0] == wide[1] else [7, 5] if wide[0] else [5, 7]
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
        drawn = panel(place.panel).draw(question, _settings(place))
        shown: dict[str, Any] = {
            "drawn": drawn,
            "place": place,
            "wall": wall,
            "now": now,
            "title": title_of(wall, drawn, place.topics),
            **_face(wall, place, drawn, now),
        }
        html = render_to_string("wall/_panel.html", shown)
    return html + ""  # a plain str, which frames can hold


def _settings(place: Place) -> dict[str, Any]:
    asked = ASKED.get(place.panel, ASKED_OF_LISTS if place.kind in ("bars", "race", "list") else None)
    return place.settings if asked is None else {**place.settings, "most": asked}


def _face(wall: Wall, place: Place, drawn: Drawn, now: datetime) -> dict[str, Any]:
    """What the panel shows, by its kind: `face` names the template."""
    few = 2 if place.is_low else 3
    if drawn.empty:
        return {"face": "empty"}
    match drawn.panel:
        case "photos":
            photos = photos_of(wall, _posts_in(drawn))
            return {"face": "photos", "photos": photos[: 2 if place.is_low else 4]}
        case "goals":
            return {"face": "goals", "goals": lists.goals(drawn)[: 4 if place.is_low else 5]}
        case "works-and-broken":
            return {"face": "works", "lines": lists.works_and_broken(wall, drawn)[: 3 if place.is_low else 5]}
        case "countdown":
            return {"face": "clock", "to": drawn.table.rows[0][0], "left": drawn.table.rows[0][1]}
        case "announcement":
            return {"face": "words", "words": wall.announcement}
    if drawn.kind == "posts":
        purpose = getattr(wall.mission, "purpose", None)
        ours = {handle.casefold() for handle in purpose.handles} if purpose else set()
        shown = lists.posts(wall, _posts_in(drawn), few)
        return {"face": "posts", "posts": [_post(wall, post, now, ours) for post in shown]}
    if drawn.kind in ("bars", "race", "list"):
        return {
            "face": "bars",
            "bars": lists.bars(wall, drawn, 4 if place.is_low else lists.MOST_ROWS),
            "headline": drawn.metrics[0] if drawn.panel == "sentiment" and drawn.metrics else None,
            "beside": beside_figure(drawn),
        }
    return {
        "face": "figure",
        "headline": drawn.metrics[0] if drawn.metrics else None,
        "beside": beside_figure(drawn),
        "than": than_before(wall) if drawn.change and drawn.change.short else "",
        "chart": _chart(drawn, place),
    }


def _chart(drawn: Drawn, place: Place) -> SafeString | None:
    if not drawn.chart:
        return None
    from watchfloor.panels.picture import svg  # loads a drawing engine, which the first chart pays

    height = HEIGHTS["low" if place.is_low else drawn.kind if drawn.kind in HEIGHTS else "line"]
    width = WIDTHS[place.columns]
    key = hashlib.sha256(json.dumps([drawn.chart, width, height], default=str).encode()).digest()
    return mark_safe(_charts.get(key, lambda: svg(drawn, theme="wall", width=width, height=height)))  # noqa: S308 - ours


def _posts_in(drawn: Drawn) -> list[StoredPost]:
    return [row for row in drawn.rows if isinstance(row, StoredPost)]


def _post(wall: Wall, post: StoredPost, now: datetime, ours: Collection[str]) -> dict[str, Any]:
    name = lists.who(post)
    photos: list[Photo] = photos_of(wall, [post])[:1]
    return {
        "id": post.id,
        "name": name,
        "network": post.post.network,
        "ago": short_span(now - post.at),
        "text": lists.words_of(post, ours),
        "lang": post.language,
        "photo": photos[0] if photos else None,
    }


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

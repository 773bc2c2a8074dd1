"""A red topic: when something is in trouble, the wall changes its shape, whatever the scene, until it is over.

Red is a topic that "trouble in a topic" finds by the written rules of the home page, or a mission at the level crisis.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from watchfloor.lib.spans import short_span
from watchfloor.metrics.figure import Point
from watchfloor.metrics.question import Question, Window
from watchfloor.missions.broken import LEAST_NEGATIVE, LEAST_SHARE
from watchfloor.missions.models import LevelChange
from watchfloor.missions.rules import Line, rule
from watchfloor.missions.talk import Tally
from watchfloor.missions.watch import Watch
from watchfloor.panels.charts import Beside, line_chart
from watchfloor.panels.charts import Line as ChartLine
from watchfloor.panels.drawn import Drawn
from watchfloor.team.models import Mission
from watchfloor.wall.models import Wall

WINDOWS = 18  # that the line shows: six hours of the mission's own time
CHART = (1310, 430)  # pixels of a screen of 1920 × 1080
LOOKED_EVERY_SECONDS = 4.0
STAYS_SECONDS = 20.0  # after it was found last, so that a wall does not change shape to and fro


@dataclass(frozen=True)
class Fact:
    value: str
    says: str


@dataclass(frozen=True)
class Beneath:
    """One of the three figures at the side. `shape` "" has no mark."""

    title: str
    value: str
    says: str
    shape: str = ""


@dataclass(frozen=True)
class Red:
    kind: str
    since: datetime | None
    title: str
    facts: tuple[Fact, ...]
    side: tuple[Beneath, ...]
    chart: SafeString | None
    span: str


class RedWatch:
    """Looks every few seconds at most, as long as somebody watches the wall."""

    def __init__(self) -> None:
        self._looked = 0.0
        self._found_at = 0.0
        self._found: Red | None = None

    def now(self, wall: Wall, now: datetime) -> Red | None:
        """What is red now; None while nothing is, or where the wall shows none."""
        if not wall.shows_red:
            self._found = None
            return None
        asked = time.monotonic()
        if self._looked == 0.0 or asked - self._looked >= LOOKED_EVERY_SECONDS:
            self._looked = asked
            found = red_topic(wall, now)
            if found is not None:
                self._found, self._found_at = found, asked
            elif asked - self._found_at > STAYS_SECONDS:
                self._found = None
        return self._found

    def over(self) -> None:
        """The level was lowered, or the wall changed: look at once, and go back at once."""
        self._looked, self._found_at = 0.0, float("-inf")


def red_topic(wall: Wall, now: datetime) -> Red | None:
    """The topic in the worst trouble; at the level crisis without one, the mission itself."""
    watch = Watch(wall.mission, now)
    in_crisis = wall.mission.level == Mission.Level.CRISIS
    lines = [line for line in rule("trouble-in-a-topic").find(watch) if line.needs_you and line.topic_id is not None]
    with timezone.override(wall.mission.zone):
        if lines:
            return _of_topic(watch, max(lines, key=lambda line: line.weight), in_crisis=in_crisis)
        return _of_mission(watch) if in_crisis else None


def _of_topic(watch: Watch, line: Line, *, in_crisis: bool) -> Red:
    assert line.topic_id is not None
    tallies, span = watch.talk.topics[line.topic_id], short_span(watch.talk.width)
    now, whole = tallies[0], watch.talk.mission[0]
    negative = ngettext("complaint in %(span)s", "complaints in %(span)s", now.negative) % {"span": span}
    rest, before = whole.posts - now.posts, watch.talk.mission[1].posts - tallies[1].posts
    return Red(
        kind=_("CRISIS") if in_crisis else _("RED TOPIC"),
        since=_since(watch, tallies),
        title=line.title,
        facts=(
            Fact(f"{now.negative:,}", negative),
            Fact(f"{100 * now.negative / max(now.posts, 1):.0f} %", _("negative")),
        ),
        side=(
            Beneath(_("Said about it"), f"{now.posts:,}", _("posts in %(span)s") % {"span": span}),
            Beneath(_("Negative before"), f"{tallies[1].negative:,}", _("in the %(span)s before") % {"span": span}),
            Beneath(_("Everything else"), f"{rest:,}", _against(rest, before), "" if _unusual(rest, before) else "ok"),
        ),
        chart=_chart(watch, tallies),
        span=span,
    )


def _of_mission(watch: Watch) -> Red:
    """A crisis that no topic shows: the mission's own figures."""
    tallies, span = watch.talk.mission, short_span(watch.talk.width)
    now, before = tallies[0], tallies[1]
    raised = LevelChange.objects.filter(mission=watch.mission, after=watch.mission.level).order_by("-at").first()
    net = "–" if now.net is None else f"{now.net:+.0f}".replace("-", "−")
    return Red(
        kind=_("CRISIS"),
        since=raised.at if raised else None,
        title=watch.mission.name,
        facts=(
            Fact(f"{now.posts:,}", ngettext("post in %(span)s", "posts in %(span)s", now.posts) % {"span": span}),
            Fact(f"{100 * now.negative / now.posts:.0f} %" if now.posts else "–", _("negative")),
        ),
        side=(
            Beneath(_("Negative"), f"{now.negative:,}", _("posts in %(span)s") % {"span": span}),
            Beneath(_("Net mood"), net, _("from −100 to +100")),
            Beneath(_("The time before"), f"{before.posts:,}", _("posts in the %(span)s before") % {"span": span}),
        ),
        chart=_chart(watch, tallies),
        span=span,
    )


def _since(watch: Watch, tallies: Sequence[Tally]) -> datetime:
    """When the trouble began: the first of the windows in a row that are as bad."""
    bad = 1
    for tally in tallies[1:]:
        if tally.negative < LEAST_NEGATIVE or tally.negative < LEAST_SHARE * tally.posts:
            break
        bad += 1
    return watch.talk.until - bad * watch.talk.width


def _unusual(now: int, before: int) -> bool:
    return abs(now - before) > 0.3 * max(before, 10)


def _against(now: int, before: int) -> str:
    if not _unusual(now, before):
        return _("posts, as before")
    return _("posts, more than before") if now > before else _("posts, fewer than before")


def _chart(watch: Watch, tallies: Sequence[Tally]) -> SafeString:
    """Negative posts, window by window."""
    from watchfloor.panels.picture import svg  # loads a drawing engine

    width = watch.talk.width
    shown = list(reversed(tallies[:WINDOWS]))
    window = Window(watch.talk.until - width * len(shown), watch.talk.until)
    points = [Point(window.since + at * width, float(tally.negative)) for at, tally in enumerate(shown)]
    chart = line_chart([ChartLine("", points)], width, window, Beside(), [])
    drawn = Drawn("red", "", Question(watch.mission, window, now=watch.now), "line", chart=chart)
    picture = svg(drawn, theme="wall_alarm", width=CHART[0], height=CHART[1])
    return mark_safe(picture)  # noqa: S308 - our renderer's


def draw_red(wall: Wall, red: Red) -> dict[int, str]:
    """The red panel and the column beside it, by the places they take."""
    with timezone.override(wall.mission.zone):
        return {
            RED_PLACE: render_to_string("wall/_red.html", {"red": red, "wall": wall}) + "",
            SIDE_PLACE: render_to_string("wall/_red_side.html", {"red": red, "wall": wall}) + "",
        }


RED_PLACE, SIDE_PLACE = 100, 101
COLUMNS = [(RED_PLACE, "red"), (SIDE_PLACE, "side")]

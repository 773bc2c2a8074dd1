"""What an Explore page was asked for: a query, topics, marks, filters and a stretch of time; read from an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from watchfloor.listening.language.fields import HAS
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import Query, QueryError
from watchfloor.listening.models import Topic
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.mentions.marking import Mark
from watchfloor.mentions.marks_reads import with_children
from watchfloor.mentions.reads import Marks, Window
from watchfloor.mentions.store.store import mention_store
from watchfloor.team.models import Mission

SPANS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
SENTIMENTS = ("negative", "neutral", "positive")
MOST_AUTHORS, LONGEST_AUTHOR = 20, 200
MINUTES_A_BUCKET = (1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 10080, 43200, 129600)
MOST_BUCKETS = 60


@dataclass(frozen=True)
class View:
    """`since` is a key of SPANS, "all" or "custom" (then `given` holds the window)."""

    mission: Mission
    typed: Typed
    topic_ids: tuple[int, ...] | None
    networks: tuple[str, ...]
    sentiments: tuple[str, ...]
    languages: tuple[str, ...]
    authors: tuple[str, ...]
    has: tuple[str, ...]
    tags: tuple[int, ...]
    categories: tuple[int, ...]
    marks: Marks  # what the last two mean to the store
    since: str
    given: Window | None
    now: datetime
    before: int | None

    @cached_property
    def query(self) -> Query | None:
        """The typed query together with the filters, which are fields of the language. None: everything."""
        parts = [f"({self.typed.text})"] if self.typed.query else []
        parts += [_field("network", self.networks), _field("sentiment", self.sentiments)]
        parts += [_field("lang", self.languages), _field("author", tuple(f'"{name}"' for name in self.authors))]
        parts += [_field("has", self.has)]
        text = " ".join(part for part in parts if part)
        return read(text) if text else None

    @property
    def filters(self) -> int:
        """How many are set."""
        asked = (self.topic_ids, self.networks, self.sentiments, self.languages, self.authors, self.has)
        return sum(map(bool, asked)) + len(self.marks) + bool(self.given)

    @cached_property
    def window(self) -> Window:
        if self.given:
            return self.given
        until = self.now + timedelta(minutes=1)  # a post of this very second is inside
        if self.since == "all":
            first, last = mention_store().first_and_last(self.mission.pk) or (None, None)
            # An event of years ago is drawn as it was, not as a bar at the left of empty years.
            long_over = last is not None and self.now - last > timedelta(days=1)
            return Window(
                first or self.now - SPANS["24h"], last + timedelta(minutes=1) if last and long_over else until
            )
        return Window(self.now - SPANS[self.since], until)

    @property
    def ends_now(self) -> bool:
        return self.window.until > self.now

    @property
    def shows_years(self) -> bool:
        """Whether dates need their year to be understood."""
        return self.window.since.year != self.now.year

    @property
    def bucket(self) -> timedelta:
        """The smallest round stretch that gives at most 60 bars."""
        span = self.window.until - self.window.since
        for minutes in MINUTES_A_BUCKET:
            if span <= timedelta(minutes=minutes) * MOST_BUCKETS:
                return timedelta(minutes=minutes)
        return timedelta(minutes=MINUTES_A_BUCKET[-1])

    @property
    def chart_window(self) -> Window:
        """The window, begun at a round time of the mission's clock, so that bars do not shift as time goes on."""
        local = timezone.localtime(self.window.since)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = (local - midnight) // self.bucket if self.bucket < timedelta(days=1) else 0
        return Window(midnight + passed * self.bucket, self.window.until)

    @property
    def is_live(self) -> bool:
        """Whether posts that are written now belong on the page."""
        return self.given is None and self.before is None


def read_view(mission: Mission, asked: QueryDict, now: datetime) -> View:
    """What is not understood in an address is left out, never an error: addresses are shared and grow old."""
    given = _window(asked)
    since = asked.get("since", "24h")
    ids = {int(pk) for pk in asked.getlist("topic") if pk.isdecimal() and len(pk) < 19}
    known = tuple(Topic.objects.filter(mission=mission, pk__in=ids).values_list("pk", flat=True)) if ids else ()
    before = asked.get("before", "")
    tags, categories = (_marks(mission, kind, asked.getlist(kind)) for kind in ("tag", "category"))
    return View(
        mission=mission,
        typed=read_typed(asked.get("q", "")),
        topic_ids=known or None,
        networks=tuple(n for n in asked.getlist("network") if _is_a_field_value("network", n)),
        sentiments=tuple(s for s in asked.getlist("sentiment") if s in SENTIMENTS),
        languages=tuple(code for code in asked.getlist("lang") if _is_a_field_value("lang", code)),
        authors=tuple(filter(None, (_author(name) for name in asked.getlist("author")[:MOST_AUTHORS]))),
        has=tuple(what for what in asked.getlist("has") if what in HAS),
        tags=tags,
        categories=categories,
        marks=tuple(with_children(mission, group) for group in (tags, categories) if group),
        since="custom" if given else since if since in (*SPANS, "all") else "24h",
        given=given,
        now=now,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )


def _window(asked: QueryDict) -> Window | None:
    since, until = _moment(asked.get("from", "")), _moment(asked.get("to", ""))
    return Window(since, until) if since and until and timedelta(0) < until - since < timedelta(days=36525) else None


def _marks(mission: Mission, kind: str, asked: list[str]) -> tuple[int, ...]:
    ids = {int(pk) for pk in asked if pk.isdecimal() and len(pk) < 19}
    if not ids:
        return ()
    return tuple(Mark.objects.filter(mission=mission, kind=kind, pk__in=ids).values_list("pk", flat=True))


def _author(name: str) -> str:
    """A handle or a name as the language reads it in quotes; "" if it can't."""
    name = " ".join(name.replace('"', " ").replace("\\", " ").split())
    if not name or len(name) > LONGEST_AUTHOR:
        return ""
    try:
        read(f'author:("{name}")')
    except QueryError:
        return ""
    return name


def _moment(words: str) -> datetime | None:
    """An ISO time; without a zone it is meant in the zone that pages show."""
    try:
        moment = parse_datetime(words[:40])
    except ValueError:
        return None
    if moment is None or not 1995 <= moment.year <= 2200:
        return None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def _field(name: str, values: tuple[str, ...]) -> str:
    return f"{name}:({' OR '.join(values)})" if values else ""


def _is_a_field_value(name: str, value: str) -> bool:
    try:
        read(f"{name}:({value})")
    except QueryError:
        return False
    return value.replace("-", "").replace("_", "").replace(".", "").isalnum()

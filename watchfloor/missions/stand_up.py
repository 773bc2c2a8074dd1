"""The stand-up: what a department head must know since the last one, in one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from watchfloor.listening.models import Topic
from watchfloor.mentions import reads
from watchfloor.mentions.reads import Window
from watchfloor.metrics.figure import Figure
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.missions.goal_card import GoalCard, cards
from watchfloor.missions.goals import State
from watchfloor.missions.headline import Headline, headline, where_we_are
from watchfloor.missions.readiness import Checked, checklist
from watchfloor.missions.rules import Found, look
from watchfloor.missions.watch import Watch
from watchfloor.sources.reads import Coverage, coverage
from watchfloor.team.models import Mission, StrategyEntry

SPANS = {
    "8h": (timedelta(hours=8), gettext_lazy("last shift, 8 h")),
    "24h": (timedelta(hours=24), gettext_lazy("last 24 h")),
    "7d": (timedelta(days=7), gettext_lazy("last 7 days")),
}
LONGEST = timedelta(days=366)
MOST_MOVES, MOST_ENTRIES = 6, 12


@dataclass(frozen=True)
class Move:
    """A topic's posts now and in as long a stretch before. `change`: per cent, None if there was nothing before."""

    topic: Topic
    posts: int
    before: int
    change: int | None
    net: float | None
    net_before: float | None


@dataclass(frozen=True)
class Decision:
    """Something that waits for somebody: what, why, where."""

    what: str
    why: str
    link: str


@dataclass(frozen=True)
class StandUp:
    mission: Mission
    window: Window
    headline: Headline
    where: str
    goals: list[GoalCard]
    figures: list[tuple[str, Figure]]  # (title of the metric, its figure)
    moves: list[Move]
    found: Found
    entries: list[StrategyEntry]
    more_entries: int
    coverage: Coverage
    decisions: list[Decision]
    open_items: list[Checked]


def since_when(asked: str, now: datetime) -> datetime:
    """From a key of SPANS or an ISO time of the last year; anything else is 24 hours ago."""
    if asked in SPANS:
        return now - SPANS[asked][0]
    try:
        moment = parse_datetime(asked[:40])
        if moment is not None and moment.tzinfo is None:
            moment = timezone.make_aware(moment)
    except (ValueError, OverflowError):
        moment = None
    if moment is not None and now - LONGEST <= moment < now - timedelta(minutes=1):
        return moment
    return now - SPANS["24h"][0]


def stand_up_of(mission: Mission, since: datetime, now: datetime) -> StandUp:
    watch = Watch(mission, now)
    found = look(watch)
    window = Window(since, now + timedelta(seconds=1))
    entries = StrategyEntry.objects.filter(mission=mission, at__gte=since).select_related("person").order_by("-pk")
    items = [item for item in checklist(mission) if not item.is_ready]
    question = Question(mission, window, now=now)
    told = (_figure(name, question) for name in ("volume", "delta", "unique-authors", "net-sentiment-a"))
    figures = [(str(metric(figure.metric).title), figure) for figure in told if figure]
    return StandUp(
        mission=mission,
        window=window,
        headline=headline(mission, found.needing, watch.standings),
        where=where_we_are(mission, now),
        goals=cards(watch.standings),
        figures=figures,
        moves=_moves(mission, list(watch.topics.values()), window),
        found=found,
        entries=list(entries[:MOST_ENTRIES]),
        more_entries=max(0, entries.count() - MOST_ENTRIES),
        coverage=coverage(mission, since, now),
        decisions=_decisions(watch, found),
        open_items=items,
    )


def _moves(mission: Mission, topics: list[Topic], window: Window) -> list[Move]:
    """The topics that moved most, in posts."""
    before = window.moved(-window.length)
    found = []
    for topic in topics:
        now, then = (reads.totals(mission, (topic.pk,), at, with_authors=False) for at in (window, before))
        if not now.posts and not then.posts:
            continue
        change = round((now.posts - then.posts) / then.posts * 100) if then.posts else None
        found.append(Move(topic, now.posts, then.posts, change, _net(now), _net(then)))
    found.sort(key=lambda move: -abs(move.posts - move.before))
    return found[:MOST_MOVES]


def _net(totals: reads.Totals) -> float | None:
    judged = totals.positive + totals.negative
    return (totals.positive - totals.negative) / judged * 100 if judged else None


def _figure(name: str, question: Question) -> Figure | None:
    try:
        found = metric(name)
    except UnknownMetric:
        return None
    return found.figure(question) if found.figure else None


def _decisions(watch: Watch, found: Found) -> list[Decision]:
    """What needs deciding: trouble, goals that are late or have no target, owner or date, rising terms, a level that
    does not fit."""
    slug = watch.mission.slug
    waiting = [
        Decision(_("Answer to “%(what)s”") % {"what": line.title}, line.says, line.link) for line in found.needing
    ]
    goals = reverse("goals", args=[slug])
    for one in watch.standings:
        if one.state == State.LATE:
            what = _("Help “%(goal)s” or change its target") % {"goal": one.goal.name}
            waiting.append(Decision(what, one.why, f"{goals}#goal-{one.goal.pk}"))
        elif one.goal.owner is None:
            what = _("Name an owner of “%(goal)s”") % {"goal": one.goal.name}
            waiting.append(Decision(what, _("A goal without an owner is nobody’s."), f"{goals}#goal-{one.goal.pk}"))
    rising = [line for line in found.working if line.rule == "term-rises"]
    if rising:
        said = ngettext("Listen for %(n)d rising term?", "Listen for %(n)d rising terms?", len(rising))
        waiting.append(Decision(said % {"n": len(rising)}, ", ".join(line.title for line in rising), rising[0].link))
    if found.needing and watch.mission.level in (Mission.Level.STANDBY, Mission.Level.WATCH):
        what = _("Raise the activation level?")
        why = _("Something needs you while the mission is at %(level)s.") % {"level": watch.mission.get_level_display()}
        waiting.append(Decision(what, why, reverse("level", args=[slug])))
    if not found.needing and watch.mission.level == Mission.Level.CRISIS:
        why = _("Nothing needs you any more.")
        waiting.append(Decision(_("End the crisis level?"), why, reverse("level", args=[slug])))
    return waiting

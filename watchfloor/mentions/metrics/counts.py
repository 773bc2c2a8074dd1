"""How many posts, how many more, and how fast: from the counters."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.metrics.figures import coverage_of, figure, posts_of, starts, tally
from watchfloor.metrics.figure import Figure, Point
from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

HOUR = timedelta(hours=1)


def volume(question: Question) -> Figure:
    posts = posts_of(question)
    return figure("volume", question, posts, sample=posts)


def volume_series(question: Question, bucket: timedelta) -> list[Point]:
    counted: Counter[int] = Counter()
    for slot, posts in tally(question, bucket).items():
        counted[slot.bucket] += posts
    return [Point(stretch.since, counted[at]) for at, stretch in enumerate(starts(question.window, bucket))]


def delta(question: Question) -> Figure:
    """Both stretches in whole minutes and equally long, unless `against` says another."""
    now = question.elapsed.whole_minutes()
    before = (question.against or now.moved(-now.length)).whole_minutes()
    posts, posts_before = posts_of(question.within(now)), posts_of(question.within(before))
    covered = coverage_of(question.within(before)).part
    note = _("%(n)s mentions in the stretch before") % {"n": f"{posts_before:,}"}
    if covered is not None and covered < 0.995:
        note += ", " + _("of which %(n)d %% was covered") % {"n": int(covered * 100)}
    return figure(
        "delta",
        question,
        (posts - posts_before) / posts_before * 100 if posts_before else None,
        sample=posts + posts_before,
        why_unknown=_("There were no mentions in the stretch before, so there is nothing to compare with."),
        note=note,
    )


def velocity(question: Question) -> Figure:
    version = question.version or VELOCITY.version
    passed = question.elapsed.whole_minutes()
    if version > 1 and passed.length > HOUR:
        passed = Window(passed.until - HOUR, passed.until)
    posts = posts_of(question.within(passed))
    hours = passed.length / HOUR
    return figure("velocity", question, posts / hours if hours > 0 else None, sample=posts, within=passed)


def velocity_series(question: Question, bucket: timedelta) -> list[Point]:
    """A bucket that still runs is measured over the part that has passed."""
    now = question.elapsed.whole_minutes().until
    cut = starts(question.window, bucket)
    points = []
    for stretch, point in zip(cut, volume_series(question, bucket), strict=True):
        passed = min(stretch.until, now) - stretch.since
        points.append(Point(stretch.since, (point.value or 0) / (passed / HOUR) if passed > timedelta(0) else None))
    return points


VELOCITY = Metric(
    name="velocity",
    title=lazy("Mentions an hour"),
    definition=lazy("How fast mentions come in now."),
    unit=Unit.PER_HOUR,
    better=Better.NEITHER,
    formulas=(
        Formula(
            1,
            date(2026, 11, 15),
            "mentions of the window / its hours",
            lazy("The mean over the whole window. Over a day it hides what happens now."),
            "d(mentions)/dt over the window",
        ),
        Formula(
            2,
            date(2026, 11, 22),
            "mentions of the last 60 min of the window / 1 h",
            lazy("Over the last hour of the window that has passed, or over all of it where it is shorter."),
            "d(mentions)/dt, dt = 1 h",
        ),
    ),
    figure=velocity,
    series=velocity_series,
)

METRICS = (
    Metric(
        name="volume",
        title=lazy("Mentions"),
        definition=lazy("Posts that the topics found. A post that several topics found counts once."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                date(2026, 11, 15),
                "number of posts",
                lazy("Every post counts once. Deleted and hidden ones do not count."),
                "Item, #SMMStandards 2013; a mention is an item that matches, as listening suites count it",
            ),
        ),
        figure=volume,
        series=volume_series,
    ),
    Metric(
        name="delta",
        title=lazy("Change in mentions"),
        definition=lazy("How many more or fewer mentions than in the stretch compared with, in per cent of that."),
        unit=Unit.PERCENT,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                date(2026, 11, 22),
                "(now − before) / before × 100",
                lazy("As long a stretch directly before, unless another is chosen. Unknown where it held no mentions."),
                "Volume, delta: Meltwater",
            ),
        ),
        figure=delta,
    ),
    VELOCITY,
)

"""How many posts, on which networks, in which languages, and how their tone is: all from the counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.metrics.figures import figure, narrowed, starts, tally
from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

FIRST = date(2026, 11, 22)
Tones = Counter[str | None]


def volume(question: Question) -> Figure:
    posts = sum(tally(question).values())
    return figure("volume", question, posts, sample=posts)


def volume_series(question: Question, bucket: timedelta) -> list[Point]:
    counted: Counter[int] = Counter()
    for slot, posts in tally(question, bucket).items():
        counted[slot.bucket] += posts
    return [Point(stretch.since, counted[at]) for at, stretch in enumerate(starts(question.window, bucket))]


def tones(question: Question) -> Tones:
    found: Tones = Counter()
    for slot, posts in tally(question).items():
        found[slot.sentiment] += posts
    return found


def net_a(found: Tones) -> float | None:
    felt = found["positive"] + found["negative"]
    return (found["positive"] - found["negative"]) / felt * 100 if felt else None


def net_sentiment_a(question: Question) -> Figure:
    found = tones(question)
    return figure(
        "net-sentiment-a",
        question,
        net_a(found),
        sample=found["positive"] + found["negative"],
        why_unknown=_("No post of this stretch was judged positive or negative."),
        field="sentiment:(positive OR negative)",
    )


def by_tone(make: Callable[[Tones], float | None]) -> Callable[[Question, timedelta], list[Point]]:
    """A series of what `make` says of each bucket's tones."""

    def series(question: Question, bucket: timedelta) -> list[Point]:
        counted: dict[int, Tones] = {}
        for slot, posts in tally(question, bucket).items():
            counted.setdefault(slot.bucket, Counter())[slot.sentiment] += posts
        cut = starts(question.window, bucket)
        return [Point(stretch.since, make(counted.get(at, Counter()))) for at, stretch in enumerate(cut)]

    return series


def share_by_network(question: Question, most: int) -> list[Part]:
    found: Counter[str | None] = Counter()
    for slot, posts in tally(question).items():
        found[slot.network] += posts
    total = found.total()
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0] or ""))[:most]
    return [Part(name, posts, posts / total, narrowed(question, f"network:{name}")) for name, posts in ordered]


METRICS = (
    Metric(
        name="volume",
        title=lazy("Mentions"),
        definition=lazy("Posts that the topics found. A post that several topics found counts once."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(Formula(1, FIRST, "number of distinct posts", lazy("Every post counts once."), "SMMStandards 2013"),),
        figure=volume,
        series=volume_series,
    ),
    Metric(
        name="net-sentiment-a",
        title=lazy("Net sentiment (A)"),
        definition=lazy("How much more positive than negative, among posts that are either."),
        unit=Unit.POINTS,
        better=Better.MORE,
        formulas=(
            Formula(1, FIRST, "(pos − neg) / (pos + neg) × 100", lazy("Neutral and unjudged posts do not count."), "-"),
        ),
        figure=net_sentiment_a,
        series=by_tone(net_a),
    ),
    Metric(
        name="share-by-network",
        title=lazy("Share by network"),
        definition=lazy("Which part of the posts was written on which network."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(Formula(1, FIRST, "posts of the network / all posts", lazy("Every post counts once."), "-"),),
        parts=share_by_network,
    ),
)

"""How it is said: the tone of posts, from the counters. It is a label; label-accuracy says how far to trust it."""

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

SINCE = date(2026, 11, 22)
UNJUDGED = "-sentiment:(negative OR neutral OR positive)"
FELT = "sentiment:(positive OR negative)"
Tones = Counter[str | None]
Made = Callable[[Tones], float | None]


def tones(question: Question) -> Tones:
    found: Tones = Counter()
    for slot, posts in tally(question).items():
        found[slot.sentiment] += posts
    return found


def net_a(found: Tones) -> float | None:
    felt = found["positive"] + found["negative"]
    return (found["positive"] - found["negative"]) / felt * 100 if felt else None


def net_b(found: Tones) -> float | None:
    total = judged(found)
    return (found["positive"] - found["negative"]) / found.total() * 100 if total else None


def positive(found: Tones) -> float | None:
    return found["positive"] / judged(found) * 100 if judged(found) else None


def negative(found: Tones) -> float | None:
    return found["negative"] / judged(found) * 100 if judged(found) else None


def judged(found: Tones) -> int:
    return found.total() - found[None]


def _figure(name: str, make: Made, field: str | None, of: Callable[[Tones], int]) -> Callable[[Question], Figure]:
    def ask(question: Question) -> Figure:
        found = tones(question)
        why = _("No mention of this stretch was judged.")
        if judged(found) and make(found) is None:
            why = _("No mention of this stretch was judged positive or negative.")
        note = _("%(n)s of %(all)s mentions could not be judged") % {
            "n": f"{found[None]:,}",
            "all": f"{found.total():,}",
        }
        return figure(
            name,
            question,
            make(found),
            sample=of(found),
            why_unknown=why,
            field=field,
            note=note if found[None] else "",
        )

    return ask


def _series(make: Made) -> Callable[[Question, timedelta], list[Point]]:
    def ask(question: Question, bucket: timedelta) -> list[Point]:
        counted: dict[int, Tones] = {}
        for slot, posts in tally(question, bucket).items():
            counted.setdefault(slot.bucket, Counter())[slot.sentiment] += posts
        cut = starts(question.window, bucket)
        return [Point(stretch.since, make(counted.get(at, Counter()))) for at, stretch in enumerate(cut)]

    return ask


def share_by_sentiment(question: Question, most: int) -> list[Part]:
    found = tones(question)
    total = found.total()
    return [
        Part(name, posts, posts / total, narrowed(question, f"sentiment:{name}" if name else _unjudged(question)))
        for name, posts in sorted(found.items(), key=lambda pair: (-pair[1], pair[0] or ""))[:most]
    ]


def _unjudged(question: Question) -> str:
    """A query must look for something: the networks that were found."""
    return f"network:({' OR '.join(sorted({slot.network for slot in tally(question)}))}) {UNJUDGED}"


METRICS = (
    Metric(
        name="net-sentiment-a",
        title=lazy("Net sentiment (A)"),
        definition=lazy("How much more positive than negative mentions are, among those that are either. −100 to 100."),
        unit=Unit.POINTS,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "(positive − negative) / (positive + negative) × 100",
                lazy("Neutral mentions and those that could not be judged do not count."),
                "Net sentiment (A): common form of listening suites",
            ),
        ),
        figure=_figure("net-sentiment-a", net_a, FELT, lambda found: found["positive"] + found["negative"]),
        series=_series(net_a),
    ),
    Metric(
        name="net-sentiment-b",
        title=lazy("Net sentiment (B)"),
        definition=lazy("How much more positive than negative mentions are, of all mentions. −100 to 100."),
        unit=Unit.POINTS,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "(positive − negative) / all mentions × 100",
                lazy("Neutral mentions and those that could not be judged count in the whole, and pull towards 0."),
                "Net sentiment (B): japio.com, primecalcpro; (800 − 150) / 1500 = 43.3",
            ),
        ),
        figure=_figure("net-sentiment-b", net_b, None, lambda found: found.total()),
        series=_series(net_b),
    ),
    Metric(
        name="positive-share",
        title=lazy("Positive share"),
        definition=lazy("Which part of the mentions that could be judged is positive."),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "positive / (positive + neutral + negative) × 100",
                lazy("Mentions that could not be judged do not count."),
                "Sentiment: positive / neutral / negative, unknown apart",
            ),
        ),
        figure=_figure("positive-share", positive, "sentiment:positive", judged),
        series=_series(positive),
    ),
    Metric(
        name="negative-share",
        title=lazy("Negative share"),
        definition=lazy("Which part of the mentions that could be judged is negative."),
        unit=Unit.PERCENT,
        better=Better.LESS,
        formulas=(
            Formula(
                1,
                SINCE,
                "negative / (positive + neutral + negative) × 100",
                lazy("Mentions that could not be judged do not count."),
                "Sentiment: positive / neutral / negative, unknown apart",
            ),
        ),
        figure=_figure("negative-share", negative, "sentiment:negative", judged),
        series=_series(negative),
    ),
    Metric(
        name="share-by-sentiment",
        title=lazy("Share by sentiment"),
        definition=lazy("How the mentions divide into negative, neutral, positive and not judged."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "mentions of the tone / all mentions",
                lazy("Every mention has one tone, or none that is known."),
                "Sentiment: positive / neutral / negative, unknown apart",
            ),
        ),
        parts=share_by_sentiment,
    ),
)

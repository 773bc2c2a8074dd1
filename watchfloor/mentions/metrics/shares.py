"""Who has which part of the talk: networks, languages, our topics and the competitors'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.listening.models import Topic
from watchfloor.mentions.metrics.counts import volume_series
from watchfloor.mentions.metrics.figures import figure, narrowed, over_topics, posts_of, starts, tally
from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

SINCE = date(2026, 11, 22)


def _shares(by: Literal["network", "language"], field: str) -> Callable[[Question, int], list[Part]]:
    def ask(question: Question, most: int) -> list[Part]:
        found: Counter[str | None] = Counter()
        for slot, posts in tally(question).items():
            found[getattr(slot, by)] += posts
        total = found.total()
        ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or ""))[:most]
        return [
            Part(name, posts, posts / total, narrowed(question, f"{field}:{name}") if name else None)
            for name, posts in ordered
        ]

    return ask


# --- Our topics against others' ------------------------------------------------------------------------------------


def own_and_competitors(question: Question) -> tuple[tuple[int, ...], list[Topic]]:
    """Our topics (those chosen, if some of the chosen are ours), and the competitors', longest there first."""
    topics = question.once("topics", lambda: list(Topic.objects.filter(mission=question.mission).order_by("pk")))
    own = tuple(topic.pk for topic in topics if topic.role == Topic.Role.OWN)
    chosen = tuple(pk for pk in own if pk in (question.topic_ids or own))
    return chosen or own, [topic for topic in topics if topic.role == Topic.Role.COMPETITOR]


def voices(question: Question) -> list[tuple[Topic | None, int]]:
    """Mentions of us (None) and of each competitor. A post that names two is a mention of both."""
    own, competitors = own_and_competitors(question)
    found: list[tuple[Topic | None, int]] = [(None, posts_of(over_topics(question, own)) if own else 0)]
    return found + [(topic, posts_of(over_topics(question, (topic.pk,)))) for topic in competitors]


def share_of_voice(question: Question) -> Figure:
    own, competitors = own_and_competitors(question)
    counted = voices(question) if own and competitors else []
    total = sum(posts for _topic, posts in counted)
    why = _("Nobody was mentioned in this stretch.")
    if not competitors:
        why = _("No topic has the role “competitor”, so there is nobody to share the talk with.")
    if not own:
        why = _("No topic has the role “own”.")
    return figure(
        "share-of-voice",
        over_topics(question, own) if own else question,
        counted[0][1] / total * 100 if total else None,
        sample=total,
        why_unknown=why,
    )


def share_of_voice_series(question: Question, bucket: timedelta) -> list[Point]:
    return voice_lines(question, bucket)[0][1] if all(own_and_competitors(question)) else []


def voice_lines(question: Question, bucket: timedelta) -> list[tuple[Topic | None, list[Point]]]:
    """The share of each voice by bucket; a gap where nobody was mentioned."""
    own, competitors = own_and_competitors(question)
    places: Sequence[tuple[Topic | None, tuple[int, ...]]] = [
        (None, own),
        *((topic, (topic.pk,)) for topic in competitors),
    ]
    lines = [(topic, volume_series(over_topics(question, pks), bucket) if pks else []) for topic, pks in places]
    cut = starts(question.window, bucket)
    totals = [sum((points[at].value or 0) for _topic, points in lines if points) for at in range(len(cut))]
    return [
        (
            topic,
            [
                Point(stretch.since, (points[at].value or 0) / totals[at] * 100 if points and totals[at] else None)
                for at, stretch in enumerate(cut)
            ],
        )
        for topic, points in lines
    ]


def share_of_voice_parts(question: Question, most: int) -> list[Part]:
    own, _competitors = own_and_competitors(question)
    counted = voices(question)
    total = sum(posts for _topic, posts in counted)
    parts = [
        Part(
            str(topic) if topic else str(question.mission),
            posts,
            posts / total if total else None,
            narrowed(over_topics(question, (topic.pk,) if topic else own)),
            {"topic": topic.pk if topic else None, "is_own": topic is None},
        )
        for topic, posts in counted
        if topic or own
    ]
    return sorted(parts, key=lambda part: -part.value)[:most]


def share_of_conversation(question: Question) -> Figure:
    own, _competitors = own_and_competitors(question)
    everything = over_topics(question, None)
    total = posts_of(everything)
    ours = posts_of(over_topics(question, own)) if own else 0
    return figure(
        "share-of-conversation",
        over_topics(question, own) if own else question,
        ours / total * 100 if total and own else None,
        sample=total,
        why_unknown=_("No topic has the role “own”.") if not own else _("There were no mentions in this stretch."),
    )


def share_of_conversation_series(question: Question, bucket: timedelta) -> list[Point]:
    own, _competitors = own_and_competitors(question)
    if not own:
        return []
    ours = volume_series(over_topics(question, own), bucket)
    whole = volume_series(over_topics(question, None), bucket)
    return [
        Point(of.at, (part.value or 0) / of.value * 100 if of.value else None)
        for part, of in zip(ours, whole, strict=True)
    ]


METRICS = (
    Metric(
        name="share-by-network",
        title=lazy("Share by network"),
        definition=lazy("Which part of the mentions was written on which network."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "mentions on the network / all mentions",
                lazy("Every mention is on one network."),
                "Volume, by network",
            ),
        ),
        parts=_shares("network", "network"),
    ),
    Metric(
        name="share-by-language",
        title=lazy("Share by language"),
        definition=lazy(
            "Which part of the mentions is in which language: the one the post declares, else the one that was "
            "recognised. A link to the posts shows those that declare it."
        ),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "mentions in the language / all mentions",
                lazy("Every mention has one language, or none that is known."),
                "Volume, by language",
            ),
        ),
        parts=_shares("language", "lang"),
    ),
    Metric(
        name="share-of-voice",
        title=lazy("Share of voice"),
        definition=lazy("Which part of the mentions of us and our competitors is of us."),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "own mentions / (own mentions + Σ mentions of each competitor) × 100",
                lazy(
                    "Own: posts that any topic with the role “own” found. Each topic with the role “competitor” is one "
                    "competitor. A post that names two counts for both."
                ),
                "Share of voice: brand mentions / Σ mentions of all tracked brands × 100 (PinePrompt, common)",
            ),
        ),
        figure=share_of_voice,
        series=share_of_voice_series,
        parts=share_of_voice_parts,
    ),
    Metric(
        name="share-of-conversation",
        title=lazy("Share of conversation"),
        definition=lazy("Which part of everything the mission hears is about us."),
        unit=Unit.PERCENT,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                "mentions of own topics / mentions of all topics × 100",
                lazy("Posts that any topic with the role “own” found, of those that any topic of the mission found."),
                "Share of conversation: topic mentions naming the brand / all topic mentions × 100",
            ),
        ),
        figure=share_of_conversation,
        series=share_of_conversation_series,
    ),
)

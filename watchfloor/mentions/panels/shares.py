"""Who and what has which part: networks, languages, tones, us against competitors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, pgettext

from watchfloor.mentions.metrics.shares import own_and_competitors, voice_lines
from watchfloor.mentions.panels.building import bars, beside, drawn, figures, nothing_here, parts_of, parts_table
from watchfloor.metrics.figure import Figure, Part
from watchfloor.metrics.question import Question
from watchfloor.metrics.unit import Unit
from watchfloor.panels.charts import Line, line_chart
from watchfloor.panels.registry import Change, Column, Drawn, Panel, Setting
from watchfloor.panels.words import bucket_title, bucket_words, share_words
from watchfloor.sources.reads import network_marks

MOST = Setting("most", lazy("how many at most"), 8, 1, 30)
MOST_LINES = 5
LONGEST_NAME = 18  # at the end of a line, so that its figure stays beside it
TONE_ORDER = ("positive", "neutral", "negative", None)


def share_columns(first: Column) -> tuple[Column, Column, Column]:
    return (
        first,
        Column("mentions", _("mentions"), "number", Unit.POSTS),
        Column("share", _("share"), "share", Unit.PERCENT),
    )


def network_share(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("share-by-network", question, settings.get("most", 8))
    marks = network_marks()
    titles = [marks[part.name].title if part.name in marks else part.name or _("not told") for part in parts]
    return drawn(
        "network-share",
        question,
        settings,
        metrics=figures(question, "volume"),
        chart=bars(question, parts, titles, _first_words(titles, parts)),
        table=parts_table(parts, *share_columns(Column("network", _("network"), "network"))),
        empty="" if parts else nothing_here(),
    )


def language_share(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("share-by-language", question, settings.get("most", 8))
    titles = [part.name or _("not known") for part in parts]
    return drawn(
        "language-share",
        question,
        settings,
        metrics=figures(question, "volume"),
        chart=bars(question, parts, titles, _first_words(titles, parts)),
        table=parts_table(parts, *share_columns(Column("language", _("language")))),
        empty="" if parts else nothing_here(),
    )


def sentiment(question: Question, settings: dict[str, Any]) -> Drawn:
    by_name = {part.name: part for part in parts_of("share-by-sentiment", question, 4)}
    parts = [replace(by_name[tone], detail={"kind": tone or "unknown"}) for tone in TONE_ORDER if tone in by_name]
    words = {
        "positive": pgettext("sentiment", "positive"),
        "neutral": pgettext("sentiment", "neutral"),
        "negative": pgettext("sentiment", "negative"),
        None: pgettext("sentiment", "unknown"),
    }
    titles = [words[part.name] for part in parts]
    net, accuracy = figures(question, "net-sentiment-a", "label-accuracy")
    return drawn(
        "sentiment",
        question,
        settings,
        metrics=(net, accuracy),
        chart=bars(question, parts, titles, _first_words(titles, parts)),
        table=parts_table(parts, *share_columns(Column("sentiment", _("tone"), "sentiment"))),
        empty="" if parts else nothing_here(),
    )


def share_of_voice(question: Question, settings: dict[str, Any]) -> Drawn:
    figure = figures(question, "share-of-voice")[0]
    parts = parts_of("share-of-voice", question, 20)
    _own, competitors = own_and_competitors(question)
    chart, empty, change, bucket = None, "", None, question.window.bucket(24)
    if figure.value is None:
        empty = figure.why_unknown
    else:
        window = question.window.from_a_round_time(bucket)
        # A competitor's colour goes with the competitor, whatever the order of the day.
        places = {topic.pk: at % MOST_LINES + 1 for at, topic in enumerate(competitors)}
        shares = {part.detail["topic"]: part.share for part in parts}
        drawn_lines = voice_lines(question.within(window), bucket)[: MOST_LINES + 1]
        lines = [
            Line(
                f"{_short(topic or question.mission)} {share_words(shares.get(topic.pk if topic else None) or 0)}",
                points,
                "other" if topic else "own",
                places[topic.pk] if topic else 0,
            )
            for topic, points in drawn_lines
        ]
        names = [Truncator(topic or question.mission).chars(40) for topic, _points in drawn_lines]
        tips = [
            "\n".join(
                [bucket_title(point.at, bucket)]
                + [
                    f"{name}: {'–' if (value := line.points[at].value) is None else f'{value:.0f} %'}"
                    for name, line in zip(names, lines, strict=True)
                ]
            )
            for at, point in enumerate(lines[0].points)
        ]
        words = _("Share of voice over time: %(lines)s.") % {"lines": ", ".join(line.says for line in lines)}
        stands = beside(question, "share-of-voice", window)
        chart = line_chart(lines, bucket, window, stands, tips, per_cent=True, words=words, height=180)
        change = _since_begin(figure, lines[0])
    return drawn(
        "share-of-voice",
        question,
        settings,
        metrics=(figure,),
        chart=chart,
        table=parts_table(parts, *share_columns(Column("name", _("who")))),
        empty=empty,
        change=change,
        bucket_words=bucket_words(bucket),
    )


def _short(name: object) -> str:
    return str(Truncator(str(name)).chars(LONGEST_NAME))


def _since_begin(figure: Figure, ours: Line) -> Change | None:
    told = [point.value for point in ours.points if point.value is not None]
    if len(told) < 2:
        return None
    points = round(told[-1] - told[0])
    if points == 0:
        return Change(_("as at the beginning"), 0)
    words = ngettext("%(n)d point since the beginning", "%(n)d points since the beginning", abs(points))
    words = words % {"n": abs(points)}
    return Change(words, 1 if points > 0 else -1, points > 0)


def _first_words(titles: list[str], parts: list[Part]) -> str:
    return ", ".join(f"{title}: {part.value:,.0f}" for title, part in zip(titles, parts, strict=True))


PANELS = (
    Panel(
        "network-share",
        lazy("Networks"),
        lazy("On which networks it is said."),
        ("share-by-network", "volume"),
        "bars",
        network_share,
        settings=(MOST,),
    ),
    Panel(
        "language-share",
        lazy("Languages"),
        lazy("In which languages it is said."),
        ("share-by-language", "volume"),
        "bars",
        language_share,
        settings=(MOST,),
    ),
    Panel(
        "sentiment",
        lazy("Sentiment"),
        lazy("How it is said, and how far to trust that."),
        ("share-by-sentiment", "net-sentiment-a", "label-accuracy"),
        "bars",
        sentiment,
    ),
    Panel(
        "share-of-voice",
        lazy("Share of voice"),
        lazy("Our part of the talk about us and our competitors."),
        ("share-of-voice",),
        "line",
        share_of_voice,
    ),
)

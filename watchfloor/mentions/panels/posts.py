"""Posts themselves: the newest, the ones people answered to most, questions, photos."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.listening.language.read import read
from watchfloor.mentions import reads
from watchfloor.mentions.metrics.figures import query_of
from watchfloor.mentions.panels.building import drawn, figures, nothing_here, parts_of
from watchfloor.mentions.rows import followers_of, name_of
from watchfloor.mentions.store.store import StoredPost
from watchfloor.metrics.question import Question
from watchfloor.metrics.unit import Unit
from watchfloor.panels.registry import Column, Drawn, Panel, Setting, Table

MOST = Setting("most", lazy("how many at most"), 5, 1, 50)
LONGEST = 280  # characters of a post's text in a table


def stream(question: Question, settings: dict[str, Any]) -> Drawn:
    posts = reads.newest(
        question.mission,
        question.topic_ids,
        query=query_of(question),
        window=question.window,
        limit=settings.get("most", 5),
    )
    return _of_posts("stream", question, settings, posts, nothing_here(), "volume")


def top_posts(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("top-posts", question, settings.get("most", 5))
    posts = [reads.post(question.mission, part.detail["post"]) for part in parts]
    empty = _("The networks of these mentions tell no engagements.")
    return _of_posts("top-posts", question, settings, posts, empty, "engagements", "engagement-rate")


def questions(question: Question, settings: dict[str, Any]) -> Drawn:
    text = f"({question.query}) has:question" if question.query else "has:question"
    posts = reads.newest(
        question.mission, question.topic_ids, query=read(text), window=question.window, limit=settings.get("most", 5)
    )
    return _of_posts("questions", question, settings, posts, _("Nobody asked a question."), "questions-asked")


def photos(question: Question, settings: dict[str, Any]) -> Drawn:
    parts = parts_of("photos", question, settings.get("most", 12))
    posts = [reads.post(question.mission, part.detail["post"]) for part in parts]
    return _of_posts("photos", question, settings, posts, _("No photos in this stretch."), "photos")


def _of_posts(
    name: str,
    question: Question,
    settings: dict[str, Any],
    found: Iterable[StoredPost | None],
    empty: str,
    *metrics: str,
) -> Drawn:
    posts = [post for post in found if post is not None]  # one may have gone since it was counted
    columns = (
        Column("at", _("written"), "time"),
        Column("network", _("network"), "network"),
        Column("author", _("author"), "author"),
        Column("followers", _("followers"), "number", Unit.PEOPLE),
        Column("text", _("text"), "words"),
        Column("sentiment", _("tone"), "sentiment"),
        Column("engagements", _("engagements"), "number", Unit.ENGAGEMENTS),
        Column("url", _("address"), "link"),
    )
    return drawn(
        name,
        question,
        settings,
        metrics=figures(question, *metrics),
        rows=tuple(posts),
        table=Table(columns, tuple(_cells(post) for post in posts)),
        empty="" if posts else empty,
    )


def _cells(stored: StoredPost) -> tuple[Any, ...]:
    post = stored.post
    words = post.text if len(post.text) <= LONGEST else f"{post.text[: LONGEST - 1]}…"
    return (
        stored.at,
        post.network,
        name_of(post.author),
        followers_of(stored),
        words,
        stored.sentiment,
        post.metrics.engagement,
        post.url,
    )


PANELS = (
    Panel("stream", lazy("Newest"), lazy("What people say now."), ("volume",), "posts", stream, settings=(MOST,)),
    Panel(
        "top-posts",
        lazy("Most engagements"),
        lazy("What people liked, reposted, answered and quoted most."),
        ("top-posts", "engagements", "engagement-rate"),
        "posts",
        top_posts,
        settings=(MOST,),
    ),
    Panel(
        "questions",
        lazy("Questions"),
        lazy("What people ask, the newest first."),
        ("questions-asked",),
        "posts",
        questions,
        settings=(MOST,),
    ),
    Panel(
        "photos",
        lazy("Photos"),
        lazy("The newest photos people show."),
        ("photos",),
        "posts",
        photos,
        settings=(Setting("most", lazy("how many at most"), 12, 1, 50),),
    ),
)

"""What it is about: hashtags, links, questions and photos."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.metrics.digest import digest
from watchfloor.mentions.metrics.figures import figure, narrowed, starts
from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

SINCE = date(2026, 11, 22)


def top_hashtags(question: Question, most: int) -> list[Part]:
    found = digest(question)
    authors = found.authors_by(lambda post: post.words.hashtags)
    first = sorted(found.hashtags.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return [
        Part(tag, posts, posts / len(found.posts), narrowed(question, tag), {"authors": authors.get(tag, 0)})
        for tag, posts in first
    ]


def top_links(question: Question, most: int) -> list[Part]:
    found = digest(question)
    authors = found.authors_by(lambda post: post.words.links)
    first = sorted(found.links.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return [
        Part(
            link,
            posts,
            posts / len(found.posts),
            narrowed(question, link_field(link)),
            {"authors": authors.get(link, 0)},
        )
        for link, posts in first
    ]


def link_field(link: str) -> str:
    """The query for posts with this link. It also finds addresses that go on where this one ends."""
    written = link.replace("\\", "\\\\").replace('"', '\\"')
    return f'link:"{written}"'


def questions_asked(question: Question) -> Figure:
    found = digest(question)
    asked = sum(1 for post in found.posts if post.words.asks)
    return figure("questions-asked", question, asked, sample=len(found.posts), field="has:question", note=found.note)


def questions_series(question: Question, bucket: timedelta) -> list[Point]:
    cut = starts(question.window, bucket)
    return [
        Point(stretch.since, None if posts is None else sum(1 for post in posts if post.words.asks))
        for stretch, posts in zip(cut, digest(question).by_stretch(cut), strict=True)
    ]


def photos(question: Question) -> Figure:
    found = digest(question)
    shown = sum(len(post.photos) for post in found.posts)
    return figure("photos", question, shown, sample=len(found.posts), field="has:photo", note=found.note)


def photos_series(question: Question, bucket: timedelta) -> list[Point]:
    cut = starts(question.window, bucket)
    return [
        Point(stretch.since, None if posts is None else sum(len(post.photos) for post in posts))
        for stretch, posts in zip(cut, digest(question).by_stretch(cut), strict=True)
    ]


def newest_photos(question: Question, most: int) -> list[Part]:
    """The newest posts with photos. `detail`: the post's id, its photos' addresses and descriptions."""
    with_photos = [post for post in digest(question).posts if post.photos][:most]
    return [
        Part(
            post.name or None,
            len(post.photos),
            None,
            None,
            {"post": post.id, "network": post.network, "at": post.at, "photos": post.photos, "handle": post.handle},
        )
        for post in with_photos
    ]


METRICS = (
    Metric(
        name="top-hashtags",
        title=lazy("Top hashtags"),
        definition=lazy("Which hashtags stand in the most mentions."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "number of mentions with the hashtag, the most first",
                lazy("A hashtag counts once a mention, however it is capitalised. Among equals by the alphabet."),
                "Conversation cloud: most frequent terms near the topic (Radian6), hashtags alone",
            ),
        ),
        parts=top_hashtags,
    ),
    Metric(
        name="top-links",
        title=lazy("Top links"),
        definition=lazy("Which pages are linked in the most mentions."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "number of mentions with the link, the most first",
                lazy(
                    "A page counts once a mention. Parameters that only follow a click (utm_…, fbclid, …), the "
                    "fragment, a slash at the end, and marks that end the sentence around a link are taken off first."
                ),
                "Most linked pages",
            ),
        ),
        parts=top_links,
    ),
    Metric(
        name="questions-asked",
        title=lazy("Questions asked"),
        definition=lazy("Mentions with a question mark outside links: what “has:question” finds."),
        unit=Unit.QUESTIONS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "number of mentions that has:question finds",
                lazy("A mention with several question marks counts once. ？ ؟ and ; (Greek) count, too."),
                "The query language’s own rule",
            ),
        ),
        figure=questions_asked,
        series=questions_series,
    ),
    Metric(
        name="photos",
        title=lazy("Photos"),
        definition=lazy("Photos in the mentions. A mention with three photos adds three."),
        unit=Unit.PHOTOS,
        better=Better.MORE,
        formulas=(
            Formula(1, SINCE, "Σ photos of a mention", lazy("Videos do not count."), "Media of kind photo, as told"),
        ),
        figure=photos,
        series=photos_series,
        parts=newest_photos,
    ),
)

"""What people did with it: likes, reposts, replies and quotes, as the networks told them last."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.metrics.digest import Digest, digest
from watchfloor.mentions.metrics.figures import figure, starts
from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

SINCE = date(2026, 11, 22)
COUNTED = "likes + reposts + replies + quotes"


def engagements(question: Question) -> Figure:
    found = digest(question)
    told = [post.engagement for post in found.posts if post.engagement is not None]
    return figure(
        "engagements",
        question,
        sum(told) if told or not found.posts else None,
        sample=len(told),
        why_unknown=_("The networks of these mentions tell no engagements."),
        note=_note(found, len(told)),
    )


def engagements_series(question: Question, bucket: timedelta) -> list[Point]:
    cut = starts(question.window, bucket)
    points = []
    for stretch, posts in zip(cut, digest(question).by_stretch(cut), strict=True):
        told = [post.engagement for post in posts or () if post.engagement is not None]
        points.append(Point(stretch.since, sum(told) if told or posts == [] else None))
    return points


def engagement_rate(question: Question) -> Figure:
    found = digest(question)
    both = [
        (post.engagement, post.followers)
        for post in found.posts
        if post.engagement is not None and post.followers is not None
    ]
    followers = sum(count for _engaged, count in both)
    value = sum(engaged for engaged, _count in both) / followers * 100 if followers else None
    why = _("No mention tells both its engagements and its author’s followers.")
    note = _note(found, len(both))
    return figure("engagement-rate", question, value, sample=len(both), why_unknown=why, note=note)


def engagements_per_post(question: Question) -> Figure:
    found = digest(question)
    told = [post.engagement for post in found.posts if post.engagement is not None]
    return figure(
        "engagements-per-post",
        question,
        sum(told) / len(told) if told else None,
        sample=len(told),
        why_unknown=_("The networks of these mentions tell no engagements."),
        note=_note(found, len(told)),
    )


def top_posts(question: Question, most: int) -> list[Part]:
    """`detail`: the post's id. `name`: how it begins is for the reader of the post to say."""
    told = [post for post in digest(question).posts if post.engagement is not None]
    total = sum(post.engagement or 0 for post in told)
    first = sorted(told, key=lambda post: (-(post.engagement or 0), -post.id))[:most]
    return [
        Part(
            post.name or None,
            post.engagement or 0,
            (post.engagement or 0) / total if total else None,
            None,
            {"post": post.id, "network": post.network, "handle": post.handle, "at": post.at},
        )
        for post in first
    ]


def _note(found: Digest, told: int) -> str:
    untold = len(found.posts) - told
    words = _("not told for %(n)s of %(all)s mentions") % {"n": f"{untold:,}", "all": f"{len(found.posts):,}"}
    return ", ".join(note for note in (found.note, words if untold else "") if note)


RATE = Metric(
    name="engagement-rate",
    title=lazy("Engagement rate by followers"),
    definition=lazy("Engagements in per cent of the followers that the mentions’ authors have."),
    unit=Unit.PERCENT,
    better=Better.MORE,
    formulas=(
        Formula(
            1,
            SINCE,
            f"Σ ({COUNTED}) / Σ followers of the author, over mentions × 100",
            lazy(
                "The denominator is followers. Of mentions that tell both. An author’s followers count for each of "
                "their posts, since each could engage them."
            ),
            "Engagement rate by followers: engagements / followers; always name the denominator",
        ),
    ),
    figure=engagement_rate,
)

METRICS = (
    Metric(
        name="engagements",
        title=lazy("Engagements"),
        definition=lazy(
            "What people did with the mentions: likes, reposts, replies and quotes. Views are not counted."
        ),
        unit=Unit.ENGAGEMENTS,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                f"Σ ({COUNTED})",
                lazy(
                    "As the networks told them last, which may be the moment the post was written. What a network does "
                    "not tell adds nothing; how many mentions tell nothing is said beside the figure."
                ),
                "Engagement count: likes + reposts + quotes + replies (Talkwalker, Hootsuite); action beyond "
                "consumption, #SMMStandards 2013",
            ),
        ),
        figure=engagements,
        series=engagements_series,
    ),
    RATE,
    Metric(
        name="engagements-per-post",
        title=lazy("Engagements per mention"),
        definition=lazy("How many engagements a mention has on average. The denominator is mentions."),
        unit=Unit.RATIO,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                SINCE,
                f"Σ ({COUNTED}) / number of mentions that tell them",
                lazy("The mean over mentions whose network tells engagements."),
                "Engagement rate per post: mean of posts; always name the denominator",
            ),
        ),
        figure=engagements_per_post,
    ),
    Metric(
        name="top-posts",
        title=lazy("Mentions with the most engagements"),
        definition=lazy("The mentions that people liked, reposted, answered and quoted most."),
        unit=Unit.ENGAGEMENTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                f"mentions by {COUNTED}, the most first",
                lazy("Among equals the newer comes first. Mentions that tell nothing are left out."),
                "Posts by engagement",
            ),
        ),
        parts=top_posts,
    ),
)

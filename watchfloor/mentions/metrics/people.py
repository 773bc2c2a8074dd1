"""Who says it, and how many could have seen it."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions import reads
from watchfloor.mentions.metrics.digest import digest
from watchfloor.mentions.metrics.figures import figure, narrowed, posts_of, query_of, starts
from watchfloor.metrics.figure import Figure, Part, Point
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit


def unique_authors(question: Question) -> Figure:
    """Counted by the store, however many posts there are."""
    authors = question.once(
        ("authors", question.window),
        lambda: reads.authors(question.mission, question.topic_ids, question.window, query_of(question)),
    )
    posts = posts_of(question)
    return figure(
        "unique-authors",
        question,
        authors if authors or not posts else None,
        sample=posts,
        why_unknown=_("The networks do not tell who wrote these mentions."),
    )


def unique_authors_series(question: Question, bucket: timedelta) -> list[Point]:
    cut = starts(question.window, bucket)
    by_stretch = digest(question).by_stretch(cut)
    return [
        Point(stretch.since, None if posts is None else len({post.author for post in posts} - {None}))
        for stretch, posts in zip(cut, by_stretch, strict=True)
    ]


def potential_reach(question: Question) -> Figure:
    found = digest(question)
    if (question.version or REACH.version) == 1:
        told = [post.followers for post in found.posts if post.followers is not None]
        untold, of = len(found.posts) - len(told), len(found.posts)
        words = _("the authors of %(n)s of %(all)s mentions tell no followers")
    else:
        told = [one.followers for one in found.accounts.values() if one.followers is not None]
        untold, of = len(found.accounts) - len(told), len(found.accounts)
        words = _("%(n)s of %(all)s authors tell no followers")
    notes = [found.note, words % {"n": f"{untold:,}", "all": f"{of:,}"} if untold else ""]
    return figure(
        "potential-reach",
        question,
        sum(told) if told or not found.posts else None,
        sample=len(found.posts),
        why_unknown=_("None of the authors’ networks tells followers."),
        note=", ".join(note for note in notes if note),
    )


def top_authors(question: Question, most: int) -> list[Part]:
    found = digest(question)
    total = len(found.posts)
    return [
        Part(
            account.name or None,
            account.posts,
            account.posts / total,
            narrowed(question, author_field(account.handle or account.name, account.network)),
            {
                "handle": account.handle,
                "network": account.network,
                "followers": account.followers,
                "engagements": account.engagements,
                "author": account.row,
            },
        )
        for account in list(found.accounts.values())[:most]
    ]


def author_field(name: str, network: str) -> str | None:
    """The query that finds this author's posts; None if their name can't stand in one."""
    plain = name.replace("\\", "").replace('"', "").strip()
    return f'author:"{plain}" network:{network}' if any(letter.isalnum() for letter in plain) else None


REACH = Metric(
    name="potential-reach",
    title=lazy("Potential reach"),
    definition=lazy(
        "How many people follow the authors, taken together: an upper bound of who could have seen it. Followers that "
        "authors share count more than once, and most followers do not see a post."
    ),
    unit=Unit.PEOPLE,
    better=Better.MORE,
    formulas=(
        Formula(
            1,
            date(2026, 11, 15),
            "Σ followers of the author, over all mentions",
            lazy("An author’s followers count once for each of their posts: who writes ten times, reaches ten times."),
            "Sum over mentions, as listening suites add it up",
        ),
        Formula(
            2,
            date(2026, 11, 22),
            "Σ followers, over unique authors",
            lazy(
                "Each author’s followers count once, as they were last told. Reach is unique people "
                "(#SMMStandards 2013), so an author who writes ten times no longer counts ten times."
            ),
            "Potential reach: Σ followers of unique authors, upper bound",
        ),
    ),
    figure=potential_reach,
)

METRICS = (
    Metric(
        name="unique-authors",
        title=lazy("Authors"),
        definition=lazy("How many different accounts wrote the mentions."),
        unit=Unit.AUTHORS,
        better=Better.MORE,
        formulas=(
            Formula(
                1,
                date(2026, 11, 15),
                "number of different accounts",
                lazy("One account on one network is one author. Mentions whose author is not told count as nobody."),
                "Author / unique authors: distinct accounts that published matching items (Agorapulse)",
            ),
        ),
        figure=unique_authors,
        series=unique_authors_series,
    ),
    REACH,
    Metric(
        name="top-authors",
        title=lazy("Most active authors"),
        definition=lazy("Who wrote the most mentions."),
        unit=Unit.POSTS,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                date(2026, 11, 22),
                "mentions by author, the most first",
                lazy("Among equals the one with more followers comes first."),
                "Volume, by author",
            ),
        ),
        parts=top_authors,
    ),
)

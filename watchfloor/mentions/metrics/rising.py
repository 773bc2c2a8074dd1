"""Terms that rise around the mission's mentions and that nobody listens to yet."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from watchfloor.mentions.emerging import rising
from watchfloor.mentions.metrics.figures import figure, narrowed
from watchfloor.metrics.figure import Figure, Part
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import Better, Formula, Metric, Unit

SINCE = date(2026, 11, 22)
MOST_RISING = 50


def emerging_terms(question: Question, most: int) -> list[Part]:
    """Of the mission as a whole: what rises is looked for around all its topics."""
    return [
        Part(
            offer.term,
            offer.score,
            None,
            narrowed(Question(question.mission, question.window), _term(offer.term)),
            {"posts": offer.posts, "authors": offer.authors, "first_seen": offer.first_seen, "offer": offer.id},
        )
        for offer in rising(question.mission, question.window, limit=most)
    ]


def emerging_count(question: Question) -> Figure:
    offers = rising(question.mission, question.window, limit=MOST_RISING)
    best = max((offer.score for offer in offers), default=None)
    return figure(
        "emerging-terms",
        Question(question.mission, question.window, now=question.now),
        best,
        sample=sum(offer.posts for offer in offers),
        why_unknown=_("No hashtag or phrase rose in this stretch."),
        note=_("the highest of %(n)d that rose") % {"n": len(offers)} if offers else "",
    )


def _term(term: str) -> str:
    return term if term.startswith("#") else f'"{term}"'


METRICS = (
    Metric(
        name="emerging-terms",
        title=lazy("Emerging terms"),
        definition=lazy(
            "Hashtags and phrases that rise around the mission’s mentions and that no topic listens to yet, by their "
            "hype score. As one number: the highest score."
        ),
        unit=Unit.SCORE,
        better=Better.NEITHER,
        formulas=(
            Formula(
                1,
                SINCE,
                "((v − m) × v × log10 u) / (1 + m)",
                lazy(
                    "u: authors who used the term in the window; v: the same per 100 authors who wrote in it; m: the "
                    "mean of v over the 14 windows before. Copies and repeats by one author count once. Of each term "
                    "the score it was offered with."
                ),
                "Hype score: Santiment academy",
            ),
        ),
        figure=emerging_count,
        parts=emerging_terms,
    ),
)

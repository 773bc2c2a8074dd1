"""What numbers are counted in."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


class Unit(StrEnum):
    POSTS = "posts"
    AUTHORS = "authors"
    PEOPLE = "people"
    PERCENT = "percent"
    POINTS = "points"
    PER_HOUR = "per hour"
    SCORE = "score"
    ENGAGEMENTS = "engagements"
    QUESTIONS = "questions"
    PHOTOS = "photos"
    RATIO = "ratio"

    def words(self, value: float | None = None) -> str:
        """The unit as it stands behind a number: "mentions", "%", "of ±100"; plural where no number is known."""
        several = 2 if value is None or value != 1 else 1
        if self == Unit.POSTS:
            return ngettext("mention", "mentions", several)
        if self == Unit.AUTHORS:
            return ngettext("author", "authors", several)
        if self == Unit.PEOPLE:
            return ngettext("person at most", "people at most", several)
        if self == Unit.ENGAGEMENTS:
            return ngettext("engagement", "engagements", several)
        if self == Unit.QUESTIONS:
            return ngettext("question", "questions", several)
        if self == Unit.PHOTOS:
            return ngettext("photo", "photos", several)
        return {
            Unit.PERCENT: "%",
            Unit.POINTS: _("of ±100"),
            Unit.PER_HOUR: pgettext("unit", "an hour"),
            Unit.SCORE: pgettext("unit", "score"),
            Unit.RATIO: pgettext("unit", "a post"),
        }[self]


class Better(StrEnum):
    MORE = "more"
    LESS = "less"
    NEITHER = "neither"

    def words(self) -> str:
        return {
            Better.MORE: _("more is better"),
            Better.LESS: _("less is better"),
            Better.NEITHER: _("neither more nor less is better"),
        }[self]

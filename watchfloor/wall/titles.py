"""What a wall's panels are called: a title says what is shown and over which time, so that nobody needs to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from watchfloor.listening.models import Topic
from watchfloor.panels.drawn import Drawn
from watchfloor.wall.models import Wall

LONGEST = 70
_t = gettext_lazy
# With the time that all panels of the wall show …
OVER_TIME: dict[str, Any] = {
    "pulse": _t("Mentions, %(period)s"),
    "volume": _t("Mentions by mood, %(period)s"),
    "network-share": _t("Where it is said, %(period)s"),
    "language-share": _t("In which languages, %(period)s"),
    "sentiment": _t("The mood, %(period)s"),
    "share-of-voice": _t("Share of voice, %(period)s"),
    "hashtag-race": _t("Hashtags, %(period)s, ours in white"),
    "top-hashtags": _t("Hashtags, %(period)s, ours in white"),
    "top-links": _t("Pages that people share, %(period)s"),
    "top-authors": _t("Who says most, %(period)s"),
    "top-posts": _t("What moves people, %(period)s"),
    "coverage": _t("How much we heard, %(period)s"),
    "emerging": _t("New in the talk, %(period)s"),
}
# … and those that speak of now.
OF_NOW: dict[str, Any] = {
    "stream": _t("What people say now"),
    "questions": _t("What people ask now"),
    "photos": _t("What people show now"),
    "goals": _t("Our goals"),
    "works-and-broken": _t("What works, what is broken"),
    "announcement": _t("Announcement"),
}


def title_of(wall: Wall, drawn: Drawn, topics: Sequence[int]) -> str:
    """Of one panel; of topics where the scene chose some: "Wifi: Mentions, last hour"."""
    if drawn.panel in OVER_TIME:
        title = str(OVER_TIME[drawn.panel]) % {"period": wall.get_period_display()}
    elif drawn.panel == "countdown":
        title = drawn.question.mission.name[:LONGEST]
    else:
        title = str(OF_NOW.get(drawn.panel) or drawn.title)
    names = list(Topic.objects.filter(pk__in=topics, mission=wall.mission_id).values_list("name", flat=True)[:2])
    return f"{', '.join(name[:30] for name in names)}: {title}" if names else title


def than_before(wall: Wall) -> str:
    """What a change compares with, in the words of the wall's period."""
    return {
        Wall.Period.HOUR: _("than the hour before"),
        Wall.Period.SIX_HOURS: _("than the 6 hours before"),
        Wall.Period.TODAY: _("than in as long before midnight"),
        Wall.Period.DAY: _("than the day before"),
        Wall.Period.WEEK: _("than the week before"),
    }[Wall.Period(wall.period)]


def beside_figure(drawn: Drawn) -> str:
    """What the large figure of a panel counts, said beside it."""
    return {
        "share-of-voice": _("of the talk is about us"),
        "coverage": _("of the time we listened"),
        "volume": _("mentions"),
        "sentiment": pgettext("net sentiment on a wall", "net mood, from −100 to +100"),
        "top-authors": _("people"),
    }.get(drawn.panel, "")

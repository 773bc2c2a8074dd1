"""The first sentence of the home page, from strict templates: who or what needs you, then how the goals stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from watchfloor.missions.goals import Standing, State
from watchfloor.missions.rules import Line
from watchfloor.team.models import Mission

LONGEST_NAME = 60


@dataclass(frozen=True)
class Headline:
    """`needs` is said first and strong; in red if `is_alarm`."""

    needs: str
    rest: str
    is_alarm: bool


def headline(mission: Mission, needing: list[Line], standings: list[Standing]) -> Headline:
    if mission.closed_at is not None:
        return Headline(_("This mission is closed."), _("Nothing is listened for any more; its figures stay."), False)
    return Headline(_needs(needing), goals_sentence(standings), bool(needing))


def _needs(needing: list[Line]) -> str:
    if not needing:
        return _("Nothing needs you.")
    first = {
        "what": _cut(needing[0].called or needing[0].title),
        "n": len(needing) - 1,
        "others": _few(len(needing) - 1),
    }
    if len(needing) == 1:
        return _("%(what)s needs you.") % first
    said = ngettext("%(what)s and one more need you.", "%(what)s and %(others)s more need you.", len(needing) - 1)
    return said % first


def goals_sentence(standings: list[Standing]) -> str:
    """Such as "Two goals on course, one is tight, one has no data."."""
    if not standings:
        return _("No goal is set yet.")
    counted = {
        "good": sum(1 for one in standings if one.state in (State.ON_TIME, State.REACHED)),
        "tight": sum(1 for one in standings if one.state == State.DUE),
        "late": sum(1 for one in standings if one.state == State.LATE),
        "none": sum(1 for one in standings if one.state == State.UNKNOWN),
    }
    said = [_said(name, n, whole=False) for name, n in counted.items() if n]
    first = next(name for name, n in counted.items() if n)
    said[0] = _said(first, counted[first], whole=True)
    words = ", ".join(said)
    return words[:1].upper() + words[1:] + "."


def _said(name: str, n: int, *, whole: bool) -> str:
    words = {
        ("good", True): ngettext("%(n)s goal on course", "%(n)s goals on course", n),
        ("tight", True): ngettext("%(n)s goal is tight", "%(n)s goals are tight", n),
        ("late", True): ngettext("%(n)s goal is late", "%(n)s goals are late", n),
        ("none", True): ngettext("%(n)s goal has no data", "%(n)s goals have no data", n),
        ("good", False): ngettext("%(n)s on course", "%(n)s on course", n),
        ("tight", False): ngettext("%(n)s is tight", "%(n)s are tight", n),
        ("late", False): ngettext("%(n)s is late", "%(n)s are late", n),
        ("none", False): ngettext("%(n)s has no data", "%(n)s have no data", n),
    }[name, whole]
    return words % {"n": _few(n)}


def _few(n: int) -> str:
    """Small numbers in words."""
    words = (
        _("none"),
        _("one"),
        _("two"),
        _("three"),
        _("four"),
        _("five"),
        _("six"),
        _("seven"),
        _("eight"),
        _("nine"),
    )
    return words[n] if 0 <= n < len(words) else str(n)


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def where_we_are(mission: Mission, now: datetime) -> str:
    """The mission's day and clock: "Wed 18 Nov, day 2 of 3 · 13:54 Europe/Berlin"."""
    local = timezone.localtime(now, mission.zone)
    parts = [formats.date_format(local, "D j M"), _day(mission, now)]
    clock = f"{local:%H:%M} {mission.time_zone.rsplit('/', 1)[-1].replace('_', ' ')}"
    return ", ".join(part for part in parts if part) + f" · {clock}"


def _day(mission: Mission, now: datetime) -> str:
    if mission.starts_at is None:
        return ""
    starts, today = (timezone.localtime(at, mission.zone).date() for at in (mission.starts_at, now))
    if now < mission.starts_at:
        days = (starts - today).days
        return ngettext("%(n)d day to go", "%(n)d days to go", days) % {"n": days} if days else _("begins today")
    if mission.ends_at is None:
        return _("day %(n)d") % {"n": (today - starts).days + 1}
    ends = timezone.localtime(mission.ends_at, mission.zone).date()
    if now >= mission.ends_at:
        days = (today - ends).days
        return ngettext("%(n)d day after", "%(n)d days after", days) % {"n": days} if days else _("over since today")
    return _("day %(n)d of %(all)d") % {"n": (today - starts).days + 1, "all": (ends - starts).days + 1}


def phase(mission: Mission, now: datetime) -> str:
    """ "before", "live" or "after" of an event or campaign; "live" for what has no dates."""
    if mission.starts_at and now < mission.starts_at:
        return "before"
    return "after" if mission.ends_at and now >= mission.ends_at else "live"

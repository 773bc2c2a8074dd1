"""A mission's purpose in a few sentences, written from the answers of its set-up. People may write their own
instead."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from watchfloor.missions.models import Goal
from watchfloor.missions.readiness import connections_of
from watchfloor.missions.use_cases import chosen
from watchfloor.missions.value_words import value_words
from watchfloor.team.models import Mission


def purpose_words(mission: Mission) -> str:
    """The own words of the team if there are any, else what the answers say."""
    purpose = getattr(mission, "purpose", None)
    return purpose.own_words if purpose and purpose.own_words else written_from_answers(mission)


def written_from_answers(mission: Mission) -> str:
    sentences = [_what(mission), _why(mission), *_goals(mission), _how(mission), _before(mission)]
    return " ".join(sentence for sentence in sentences if sentence)


def _what(mission: Mission) -> str:
    told = {"name": mission.name, "kind": mission.get_kind_display()}
    if mission.starts_at and mission.ends_at:
        days = {"since": _day(mission.starts_at, mission), "until": _day(mission.ends_at, mission)}
        return _("“%(name)s” is our %(kind)s from %(since)s to %(until)s.") % {**told, **days}
    if mission.starts_at:
        return _("“%(name)s” is our %(kind)s from %(since)s on.") % {**told, "since": _day(mission.starts_at, mission)}
    return _("“%(name)s” is our %(kind)s.") % told


def _why(mission: Mission) -> str:
    purpose = getattr(mission, "purpose", None)
    cases = [str(case.to) for case in chosen(purpose.use_cases if purpose else [])]
    return _("We listen to %(cases)s.") % {"cases": get_text_list(cases, _("and"))} if cases else ""


def _goals(mission: Mission) -> list[str]:
    return [_goal(goal) for goal in mission.goals.select_related("owner", "mission")]


def _goal(goal: Goal) -> str:
    said = goal.name
    if goal.target is not None:
        said += ": " + (
            _("from %(baseline)s to %(target)s")
            % {"baseline": value_words(goal.metric, goal.baseline), "target": value_words(goal.metric, goal.target)}
            if goal.baseline is not None
            else value_words(goal.metric, goal.target)
        )
    if goal.due_at:
        said += " " + _("by %(day)s") % {"day": _day(goal.due_at, goal.mission)}
    return f"{said} ({goal.owner})." if goal.owner else f"{said}."


def _how(mission: Mission) -> str:
    topics, sources = mission.topics.filter(is_on=True).count(), connections_of(mission).count()
    if not topics:
        return ""
    said = ngettext("We listen for %(n)d topic", "We listen for %(n)d topics", topics) % {"n": topics}
    return said + " " + ngettext("on %(n)d source.", "on %(n)d sources.", sources) % {"n": sources}


def _before(mission: Mission) -> str:
    if mission.last_edition:
        return _("We compare with “%(edition)s”.") % {"edition": mission.last_edition.name}
    return ""


def _day(at: datetime, mission: Mission) -> str:
    return formats.date_format(timezone.localtime(at, mission.zone), "j F Y")

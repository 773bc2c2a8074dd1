"""What missions add to the panels: goals against actual, what works and what is broken, a countdown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from watchfloor.mentions.panels.building import drawn
from watchfloor.metrics.question import Question
from watchfloor.metrics.registry import metric
from watchfloor.missions import metrics as goal_metrics
from watchfloor.missions.goal_card import GoalCard, cards
from watchfloor.missions.goals import standings
from watchfloor.missions.headline import phase
from watchfloor.missions.rules import look
from watchfloor.missions.watch import Watch
from watchfloor.panels.registry import Column, Drawn, Panel, Setting, Table
from watchfloor.team.models import Mission


def goals(question: Question, settings: dict[str, Any]) -> Drawn:
    mission: Mission = question.mission
    found = cards(standings(mission.goals.select_related("mission", "topic", "owner"), question.asked_at))
    columns = (
        Column("goal", _("goal")),
        Column("actual", _("actual")),
        Column("unit", _("of")),
        Column("attainment", _("attainment"), "share"),
        Column("state", _("state")),
    )
    rows = tuple((one.goal.name, one.number, one.unit, _part(one), one.word) for one in found[: settings["rows"]])
    shown_rows = tuple(found[: settings["rows"]])
    empty = "" if rows else _("No goal is set.")
    of_all = metric(goal_metrics.NAME).figure
    shown = (of_all(question),) if of_all and found else ()
    return drawn("goals", question, settings, metrics=shown, table=Table(columns, rows), rows=shown_rows, empty=empty)


def _part(card: GoalCard) -> float | None:
    reached = card.standing.attainment
    return None if reached is None else reached / 100


def works_and_broken(question: Question, settings: dict[str, Any]) -> Drawn:
    """The lines that the home page shows, by the same rules: first what is broken."""
    found = look(Watch(question.mission, question.asked_at))
    rows = [("broken", line) for line in found.broken] + [("working", line) for line in found.working]
    columns = (
        Column("side", _("side")),
        Column("figure", _("figure")),
        Column("what", _("what")),
        Column("says", _("how")),
        Column("needs", _("needs somebody")),
    )
    words = {"broken": _("broken"), "working": _("working")}
    table = Table(
        columns,
        tuple(
            (words[side], line.lead, line.title, line.says, _("yes") if line.needs_you else "")
            for side, line in rows[: settings["rows"]]
        ),
    )
    empty = "" if rows else _("Nothing is broken, nothing stands out.")
    return drawn("works-and-broken", question, settings, table=table, rows=tuple(rows), empty=empty)


def countdown(question: Question, settings: dict[str, Any]) -> Drawn:
    """Time to the mission's next moment: its beginning, else its end."""
    mission, now = question.mission, question.asked_at
    now_in = phase(mission, now)
    to = mission.starts_at if now_in == "before" else mission.ends_at if now_in == "live" else None
    if to is None:
        empty = (
            _("It is over.") if now_in == "after" else _("The mission has no date to count to. Set one in its set-up.")
        )
        return drawn("countdown", question, settings, empty=empty)
    title = _("until it begins") if now_in == "before" else _("until it ends")
    columns = (Column("until", _("until"), "time"), Column("left", title))
    return drawn("countdown", question, settings, table=Table(columns, ((to, _left(now, to)),)), says=title)


def _left(now: datetime, to: datetime) -> str:
    minutes = max(0, int((to - now).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} + f" {hours} h"
    return f"{hours}:{minutes:02}"


_t = gettext_lazy
ROWS = Setting("rows", _t("Rows"), 5, 1, 12)
PANELS = (
    Panel(
        "goals",
        _t("Goals"),
        _t("Each goal’s figure against its target, and whether it is on time."),
        (goal_metrics.NAME,),
        "list",
        goals,
        settings=(ROWS,),
    ),
    Panel(
        "works-and-broken",
        _t("What works, what is broken"),
        _t("The lines of the home page, by its written rules."),
        ("volume", "negative-share", "net-sentiment-a"),
        "list",
        works_and_broken,
        settings=(ROWS,),
    ),
    Panel("countdown", _t("Countdown"), _t("Time until the event begins, then until it ends."), (), "clock", countdown),
)

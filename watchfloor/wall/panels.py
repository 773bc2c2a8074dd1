"""What walls add to the panels: the announcement of the remote, large."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from watchfloor.mentions.panels.building import drawn
from watchfloor.metrics.question import Question
from watchfloor.panels.registry import Column, Drawn, Panel, Table
from watchfloor.wall.models import Wall

NAME = "announcement"


def announcement(question: Question, settings: dict[str, Any]) -> Drawn:
    """What the mission's walls announce; each wall shows its own."""
    told = Wall.objects.filter(mission=question.mission).exclude(announcement="").order_by("name", "pk")
    rows = tuple((wall.name, wall.announcement) for wall in told)
    columns = (Column("wall", _("wall")), Column("words", _("announcement"), "words"))
    empty = "" if rows else _("Nothing is announced. Announce something with the remote.")
    return drawn(NAME, question, settings, table=Table(columns, rows), empty=empty)


PANELS = (
    Panel(
        NAME,
        gettext_lazy("Announcement"),
        gettext_lazy("What the remote announces, large."),
        (),
        "words",
        announcement,
    ),
)

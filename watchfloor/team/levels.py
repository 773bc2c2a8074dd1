"""What each activation level changes. The one table: the desk, the home page, the wall and the level's page read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from watchfloor.team.models import Mission


@dataclass(frozen=True)
class Effects:
    """`home_every`: open home pages are drawn anew at most this often, however much comes in. `emerging_every`: terms
    that rise are looked for this often. `keeps_everything`: retention waits, so that no evidence goes. `says` is for
    people, one sentence each."""

    home_every: timedelta
    emerging_every: timedelta
    keeps_everything: bool
    meant_for: Any
    says: tuple[Any, ...]


EFFECTS: dict[str, Effects] = {
    Mission.Level.STANDBY: Effects(
        home_every=timedelta(seconds=60),
        emerging_every=timedelta(minutes=5),
        keeps_everything=False,
        meant_for=_("Nothing is going on; nobody needs to look."),
        says=(
            _("Open home pages are drawn anew once a minute."),
            _("Rising terms are looked for every 5 minutes."),
        ),
    ),
    Mission.Level.WATCH: Effects(
        home_every=timedelta(seconds=15),
        emerging_every=timedelta(minutes=1),
        keeps_everything=False,
        meant_for=_("Somebody looks in now and then."),
        says=(
            _("Open home pages are drawn anew every 15 seconds."),
            _("Rising terms are looked for once a minute."),
        ),
    ),
    Mission.Level.ACTIVE: Effects(
        home_every=timedelta(seconds=3),
        emerging_every=timedelta(seconds=10),
        keeps_everything=False,
        meant_for=_("The team is on: an event, a launch, a busy day."),
        says=(
            _("Open home pages are drawn anew every 3 seconds."),
            _("Rising terms are looked for every 10 seconds."),
        ),
    ),
    Mission.Level.CRISIS: Effects(
        home_every=timedelta(seconds=1),
        emerging_every=timedelta(seconds=2),
        keeps_everything=True,
        meant_for=_("Something is wrong and everybody must know."),
        says=(
            _("Open home pages are drawn anew every second."),
            _("Rising terms are looked for every 2 seconds."),
            _("No post is removed for its age, so that nothing that happened is lost."),
            _("Every page of the mission carries the red label, and its home says since when and why."),
            _("Walls turn red, unless a wall was told not to."),
        ),
    ),
}


def effects(mission: Mission) -> Effects:
    """Those of the level that the mission is at."""
    return EFFECTS[mission.level]

"""The whole rehearsal, looked at every twenty minutes of its time: trouble shows when it is there, and only then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from watchfloor.first_start import make_rehearsal
from watchfloor.missions import broken
from watchfloor.missions.headline import headline
from watchfloor.missions.watch import Watch
from watchfloor.pipeline.line import Line
from watchfloor.sources.rehearsal.plan import plan
from watchfloor.sources.source import Batch
from watchfloor.team.models import Person

EVERY = timedelta(minutes=20)
FIXED_AFTER = timedelta(minutes=57)  # what happenings.py says of the wifi
BATCH = 400


@pytest.fixture
def event(db):
    """The event as planned and the mission that holds all of it, on the event's own calendar."""
    Person.objects.create_superuser("owner@example.org")
    made = plan()
    mission = make_rehearsal()
    mission.connections.update(is_on=False)  # its posts are taken here, in its own time
    line = Line()
    with time_machine.travel(made.items[0].at, tick=False) as clock:
        for at in range(0, len(made.items), BATCH):
            chunk = made.items[at : at + BATCH]
            clock.move_to(chunk[-1].at)
            line.take(Batch(events=[item.event for item in chunk]), None)
    return made, mission


@pytest.mark.slow
def test_the_wifi_needs_somebody_while_it_is_down_and_nothing_else_ever_does(event):
    made, mission = event
    wifi = next(one for one in made.happenings if one.name == "wifi")
    shown = []
    at = made.items[0].at
    while at < made.items[-1].at:
        shown += [(at, line) for line in broken.trouble_in_a_topic(Watch(mission, at))]
        at += EVERY
    assert {line.title for _at, line in shown} == {"Wifi"}
    times = [at for at, _line in shown]
    assert times[0] - wifi.starts <= timedelta(minutes=31)  # eleven minutes, at the next look
    fixed = wifi.starts + FIXED_AFTER
    assert all(wifi.starts < at <= fixed + timedelta(minutes=20) for at in times)
    # Every look from the first until it was fixed shows it: it does not come and go.
    assert len(times) >= (fixed - times[0]) // EVERY

    line = max((line for _at, line in shown), key=lambda one: int(one.lead))
    assert line.needs_you
    assert "are usual for as much talk" in line.why
    assert headline(mission, [line], []).needs == "Wifi needs you."
    assert headline(mission, [line], []).is_alarm

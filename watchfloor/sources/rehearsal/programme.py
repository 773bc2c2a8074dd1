"""The made-up conference: days, halls, talks and who gives them. Times are the venue's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from watchfloor.sources.rehearsal.grammar import Bank

ZONE = ZoneInfo("America/New_York")
FIRST_DAY = datetime(2026, 11, 17, tzinfo=ZONE)  # a Tuesday; the event's own calendar, mapped to today when played
HALLS = ("hall A", "hall B", "the north hall", "the studio")
KEYNOTE_HALL = "hall A"
TALK_HOURS = ((time(10, 0), 40), (time(11, 10), 40), (time(13, 15), 40), (time(14, 10), 40), (time(15, 20), 40))
KEYNOTES = ((time(9, 0), 45), (time(16, 15), 45))


@dataclass(frozen=True)
class Speaker:
    name: str
    role: str
    company: str


@dataclass(frozen=True)
class Session:
    """One talk. `day` counts from 1."""

    day: int
    starts: datetime
    ends: datetime
    hall: str
    title: str
    theme: str
    speaker: Speaker
    keynote: bool


@dataclass(frozen=True)
class Programme:
    days: int
    sessions: tuple[Session, ...]

    @property
    def begins(self) -> datetime:
        """The event's first moment: the morning before the first day."""
        return FIRST_DAY - timedelta(hours=15)

    @property
    def ends(self) -> datetime:
        """The event's last moment: noon after the last day."""
        return self.day(self.days) + timedelta(hours=36)

    def day(self, number: int) -> datetime:
        """Midnight at which day `number` (from 1) begins."""
        return FIRST_DAY + timedelta(days=number - 1)

    def at(self, day: int, clock: time) -> datetime:
        return datetime.combine(self.day(day).date(), clock, tzinfo=ZONE)

    def lately(self, moment: datetime) -> list[Session]:
        """The sessions that are on, or ended in the last 25 minutes."""
        return [s for s in self.sessions if s.starts <= moment < s.ends + timedelta(minutes=25)]

    def soon(self, moment: datetime) -> list[Session]:
        """The next ones to begin, all of the same hour. The last ones when no more come."""
        later = [s for s in self.sessions if s.starts > moment]
        first = min((s.starts for s in later), default=self.sessions[-1].starts)
        return [s for s in self.sessions if s.starts == first]


def draw_up(days: int, bank: Bank, names: Bank, random: Random) -> Programme:
    """A programme of `days` days: two keynotes and five rounds of parallel talks on each."""
    programme = Programme(days, ())
    sessions: list[Session] = []
    used: set[str] = set()

    def session(day: int, clock: time, minutes: int, hall: str, keynote: bool, theme: str | None = None) -> Session:
        theme = theme or bank.say("theme", {}, random)
        title = next((t for t in (bank.say(f"{theme}.title", {}, random) for _ in range(4)) if t not in used), None)
        if title is None:
            title = f"Open table: {bank.say(f'{theme}.name', {}, random)}, part {len(sessions)}"
        used.add(title)
        starts = programme.at(day, clock)
        speaker = Speaker(
            _new_name(names, random, used), names.say("role", {}, random), names.say("company", {}, random)
        )
        return Session(day, starts, starts + timedelta(minutes=minutes), hall, title, theme, speaker, keynote)

    for day in range(1, days + 1):
        for clock, minutes in KEYNOTES:
            theme = "rooms" if day == 1 and clock.hour == 9 else None
            sessions.append(session(day, clock, minutes, KEYNOTE_HALL, keynote=True, theme=theme))
        for clock, minutes in TALK_HOURS:
            sessions += [session(day, clock, minutes, hall, keynote=False) for hall in HALLS]
    return Programme(days, tuple(sorted(sessions, key=lambda s: (s.starts, s.hall))))


def _new_name(names: Bank, random: Random, used: set[str]) -> str:
    while True:
        name = f"{names.say('en.first', {}, random)} {names.say('en.last', {}, random)}"
        if name not in used:
            used.add(name)
            return name

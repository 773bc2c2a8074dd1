"""Files into the store: what `watchfloor import` does, without the command line around it.

A file is a connection of its mission, known by its content. Each batch and the place after it are one transaction:
after a crash the same command goes on where it stopped. A finished file begins anew, and stores nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from django.db import transaction
from django.utils.text import slugify

from watchfloor.listening import actions
from watchfloor.listening.language.read import read
from watchfloor.listening.models import Topic
from watchfloor.live.announce import publish
from watchfloor.pipeline.item import Reason
from watchfloor.pipeline.line import Line, Taken
from watchfloor.sources.files.reading import FileSettings, Piece, Place, cursor_after, place_of, read_file
from watchfloor.sources.models import Connection
from watchfloor.sources.source import Written
from watchfloor.team.models import Mission

SOURCE = "file"
EVERYTHING = "Imported posts"  # the topic of a mission that has none
MOST_NETWORKS = 50
_by_network = re.compile(r"network:[^\s()]+(?: OR network:[^\s()]+)*").fullmatch

Say = Callable[[str], None]


class Counted(msgspec.Struct):
    """What came of a file: posts read, newly stored, matched by a topic, stored already; records not readable.

    `edited`, `deleted`: posts that were stored and that the file changed or took away. `kept_out`: matched, but deleted
    or erased earlier, or older than the mission keeps.
    """

    read: int = 0
    stored: int = 0
    matched: int = 0
    duplicates: int = 0
    skipped: int = 0
    edited: int = 0
    deleted: int = 0
    kept_out: int = 0

    def add(self, other: Counted) -> None:
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Refused(Exception):
    """Why the import was not begun, and what to do, in one sentence."""


# --- Whose posts they become ---------------------------------------------------------------------------------------


def mission_called(name: str) -> Mission | None:
    """By slug or name; upper and lower case count only where both are there."""
    missions = Mission.objects.all()
    for condition in ({"slug": name}, {"name": name}, {"slug__iexact": name}, {"name__iexact": name}):
        if found := missions.filter(**condition).order_by("pk").first():
            return found
    return None


def make_mission(name: str) -> Mission:
    """An event's mission under an address of its own."""
    slug = wish = slugify(name)[:60] or "mission"
    number = 1
    while Mission.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{wish}-{number}"
    return Mission.objects.create(name=name[:400], slug=slug, kind=Mission.Kind.EVENT)


def make_topic(mission: Mission, name: str, query: str, *, is_applied: bool = False) -> Topic:
    """A topic that looks for `query`; the one that is there already if it looks for the same.

    `is_applied`: posts that are stored already are none of its business. Raises QueryError, Refused.
    """
    read(query)
    with transaction.atomic():
        topic = Topic.objects.filter(mission=mission, name=name).first()
        if topic is not None:
            if topic.query != query:
                raise Refused(
                    f"“{mission}” has a topic “{name}” that looks for something else ({topic.query}). "
                    "Give the new one another name, or change the query on the mission's page."
                )
            return topic
        topic = actions.make_topic(mission, name=name, role=Topic.Role.OWN, query=query, by=None, why="For an import")
        if is_applied:
            _call_applied(topic)
    return topic


def _call_applied(topic: Topic) -> None:
    topic.applied_version = topic.version
    topic.save(update_fields=["applied_version"])


def find_everything(mission: Mission, networks: Iterable[str], say: Say) -> None:
    """If nobody wrote topics for the mission, let one find everything of these networks.

    It looks at what is imported from now on; it does not draw in posts that other missions have stored.
    """
    topics = list(Topic.objects.filter(mission=mission)[:2])
    if len(topics) > 1 or (topics and (topics[0].name != EVERYTHING or not _by_network(topics[0].query))):
        return
    known = topics[0].query.split(" OR ") if topics else []
    new = [term for network in dict.fromkeys(networks) if (term := network_term(network)) and term not in known]
    if not new or len(known) + len(new) > MOST_NETWORKS:
        return
    query = " OR ".join(known + new)
    if not topics:
        make_topic(mission, EVERYTHING, query, is_applied=True)
        say(f"“{mission}” has no topics yet: made “{EVERYTHING}”, which finds {query}.")
        return
    topic = topics[0]
    with transaction.atomic():
        _call_applied(
            actions.change_topic(
                topic, name=topic.name, role=topic.role, query=query, by=None, why="Another network was imported"
            )
        )
    say(f"“{EVERYTHING}” now finds {query}.")


def network_term(network: str) -> str | None:
    """`network:x`; None for a name that no query can hold."""
    return f"network:{network}" if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", network) else None


# --- One file ------------------------------------------------------------------------------------------------------


class Import:
    """One file on its way into the store, for one mission or (None) for all.

    `say` hears what was guessed and made. `complain` hears what can't be read: (line or None, why). `show` hears how
    far it is: (bytes read, bytes in all or None).
    """

    def __init__(
        self,
        line: Line,
        settings: FileSettings,
        mission: Mission | None,
        *,
        say: Say,
        complain: Callable[[int | None, str], None],
        show: Callable[[int, int | None], None] = lambda _position, _size: None,
    ) -> None:
        self.line, self.settings, self.mission = line, settings, mission
        self.say, self.complain, self.show = say, complain, show
        self.counted = Counted()
        self.unfit: dict[str, int] = {}

    def run(self) -> Counted:
        """Read the file to its end, or from where the last attempt stopped. Raises opening.CannotOpen,
        formats.NeedsMap. Whatever ends it early, the batches before are stored."""
        connection, place = self._connect()
        self.counted.add(msgspec.convert(place.counted, Counted))
        if place.records:
            self.say(f"Going on after {place.records:,} records that are stored.")
        for piece in read_file(self.settings, after=place.records, say=self.say):
            if piece.records > place.records or piece.is_last:
                self._take(piece, connection)
            self.show(piece.position, piece.size)
            for problem in piece.problems:
                self.complain(problem.line, problem.why)
        for reason, number in self.unfit.items():
            self.complain(None, f"{number:,} posts were left out: {reason}.")
        return self.counted

    def _connect(self) -> tuple[Connection, Place]:
        """The file's connection and where to begin. It is off: the command reads it, not the stream."""
        written = msgspec.to_builtins(self.settings)
        mine = Connection.objects.filter(source=SOURCE, mission=self.mission)
        connection = mine.filter(settings__fingerprint=self.settings.fingerprint).order_by("pk").first()
        if connection is None:
            connection = Connection(source=SOURCE, mission=self.mission, is_on=False)
        place = place_of(connection.cursor)
        as_before = {**connection.settings, "path": ""} == {**written, "path": ""}
        if place.done or not as_before or not self.settings.fingerprint:
            place = Place()
        name = "standard input" if self.settings.path == "-" else Path(self.settings.path).name
        connection.name, connection.settings = name[:400], written
        connection.cursor = cursor_after(place.records, is_done=False, counted=place.counted)
        connection.state, connection.says = Connection.State.NEW, "Import it again to go on."
        with transaction.atomic():
            connection.save()
            publish("sources", {"connection": connection.pk})
        return connection, place

    def _take(self, piece: Piece, connection: Connection) -> None:
        """Store the batch, and the place after it with what came of the file so far, in one transaction."""
        with transaction.atomic():
            if self.mission is not None:
                networks = (event.post.network for event in piece.batch.events if isinstance(event, Written))
                find_everything(self.mission, networks, self.say)
            taken = self.line.take(piece.batch, connection)
            step = self._count(piece, taken)
            counted = msgspec.structs.replace(self.counted)
            counted.add(step)
            now: dict[str, object] = {
                "cursor": cursor_after(piece.records, is_done=piece.is_last, counted=msgspec.to_builtins(counted))
            }
            if piece.is_last:
                now |= {"state": Connection.State.DONE, "says": ""}
                publish("sources", {"connection": connection.pk})
            Connection.objects.filter(pk=connection.pk).update(**now)
        self.counted.add(step)

    def _count(self, piece: Piece, taken: Taken) -> Counted:
        # A problem of the file as a whole stands in no record: it is reported, and skips nothing that could be counted.
        unreadable = sum(problem.line is not None for problem in piece.problems)
        for reason, why in ((Reason.TOO_LONG, "their text is too long"), (Reason.UNNAMED, "their id is too long")):
            if number := taken.dropped.get(reason):
                self.unfit[why] = self.unfit.get(why, 0) + number
        unfit = taken.dropped.get(Reason.TOO_LONG, 0) + taken.dropped.get(Reason.UNNAMED, 0)
        return Counted(
            read=sum(isinstance(event, Written) for event in piece.batch.events) - unfit,
            stored=taken.stored,
            matched=taken.matched,
            duplicates=taken.duplicates,
            skipped=unreadable + unfit,
            edited=taken.edited,
            deleted=taken.deleted,
            kept_out=max(0, taken.matched - taken.stored - taken.duplicates - taken.edited),
        )

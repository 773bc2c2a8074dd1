"""Who wrote: networks are asked what accounts are called whose posts name them by id alone.

A look-up waits for somebody else's server, so it runs beside the desk (`look_up.py`): the desk starts it, and writes
down what came of it in a later turn. Each network has at most one on its way, and they start at least as far apart as
its source says. Whom to ask for, and when again, is planned in the database (`mentions/unnamed.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import transaction
from django.utils import timezone

from watchfloor.lib.secrets import CannotOpen
from watchfloor.live.announce import publish
from watchfloor.mentions.store.store import Changes, mention_store
from watchfloor.mentions.unnamed import mentions_of, note_asked, to_ask_for
from watchfloor.pipeline.look_up import LookUp, Way
from watchfloor.sources.models import Connection
from watchfloor.sources.source import AsksNobody, Facts, NeedsHands, SourceError, TryAgain, installed_sources

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
MOST_FAILURES = 3  # in a row about the same accounts; then it is the turn of others
MOST_ANNOUNCED = 200  # posts: pages show the newest
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Connections = frozenset[tuple[int, str, datetime]]  # those that are on: row, source, when it was changed


@dataclass
class Turns:
    """How the look-ups on one network go. `hands_needed` are the connections that wait for somebody to change them."""

    not_before: datetime = LONG_AGO
    failures: int = 0
    look_up: LookUp | None = None
    connections: Connections = frozenset()
    hands_needed: Connections | None = None


class WhoWrote:
    def __init__(self, now: Callable[[], datetime] = timezone.now) -> None:
        self.now = now
        self.turns: dict[str, Turns] = {}

    def tell_who_wrote(self) -> bool:
        """Write down what came of look-ups, and start the next ones. Never waits for a network."""
        for turns in self.turns.values():
            if turns.look_up is not None and not turns.look_up.is_alive():
                self._finish(turns, turns.look_up)
        for network, connections in _connections_by_network().items():
            turns = self.turns.setdefault(network, Turns())
            if turns.look_up is None and self._may_ask(turns, connections):
                self._start(network, turns, connections)
        return False

    def _may_ask(self, turns: Turns, connections: Connections) -> bool:
        if turns.hands_needed is not None and turns.hands_needed != connections:
            return True  # somebody changed something
        return self.now() >= turns.not_before

    def _start(self, network: str, turns: Turns, connections: Connections) -> None:
        facts = [_facts(source) for _, source, _ in connections]
        authors = to_ask_for(network, self.now(), min(one.authors_at_once for one in facts))
        if not authors:
            return
        per_minute = max(1, min(one.author_look_ups_per_minute for one in facts))
        turns.not_before = self.now() + timedelta(minutes=1) / per_minute
        turns.connections, turns.hands_needed = connections, None
        if ways := _ways(connections):
            turns.look_up = LookUp(network, authors, ways)
            turns.look_up.start()

    def _finish(self, turns: Turns, look_up: LookUp) -> None:
        """Names, the plan when to ask again, and the word to open pages are one short transaction."""
        turns.look_up = None
        failed = look_up.failed
        turns.failures = 0 if failed is None else turns.failures + 1
        if failed is not None:
            self._pause(turns, look_up, failed)
        rows = {author.native_id: author.row for author in look_up.authors}
        with transaction.atomic():
            if look_up.told:
                mention_store().write(Changes(renamed=look_up.told))
                named = [rows[one.author_id] for one in look_up.told]
                for mission, topics in mentions_of(named, MOST_ANNOUNCED).items():
                    changed = {str(topic): {"changed": posts} for topic, posts in topics.items()}
                    publish(f"mission:{mission}", {"topics": changed})
            if _counts_as_asked(failed, turns.failures):
                note_asked(list(rows.values()), self.now())

    def _pause(self, turns: Turns, look_up: LookUp, failed: SourceError) -> None:
        if isinstance(failed, NeedsHands):
            pause, turns.hands_needed = LONGEST_PAUSE, turns.connections
        else:
            after = failed.after if isinstance(failed, TryAgain) else None
            pause = max(min(FIRST_PAUSE * 2 ** min(turns.failures - 1, 10), LONGEST_PAUSE), after or timedelta())
        turns.not_before = self.now() + pause
        if not isinstance(failed, AsksNobody):
            log.warning(
                "Authors could not be looked up and are later",
                extra={"network": look_up.network, "pause_seconds": pause.total_seconds(), "problem": str(failed)},
            )


def _counts_as_asked(failed: SourceError | None, failures: int) -> bool:
    """After a passing failure the same accounts are asked for again, but not for ever: they may be what it fails of."""
    if isinstance(failed, NeedsHands):
        return not isinstance(failed, AsksNobody)
    return failed is None or failures >= MOST_FAILURES


def _connections_by_network() -> dict[str, Connections]:
    """The connections that are on and can look up authors, by the networks that they carry."""
    found: dict[str, set[tuple[int, str, datetime]]] = {}
    for row in Connection.objects.filter(is_on=True).values_list("pk", "source", "changed_at"):
        facts = _facts(row[1])
        if facts.authors_at_once:
            for network in facts.networks:
                found.setdefault(network, set()).add(row)
    return {network: frozenset(rows) for network, rows in found.items()}


def _ways(connections: Connections) -> list[Way]:
    """One for each different way to ask, the live ones first."""
    ways: dict[str, Way] = {}
    rows = Connection.objects.filter(pk__in=[pk for pk, _, _ in connections])
    for row in sorted(rows, key=lambda row: (row.state != Connection.State.LIVE, row.pk)):
        try:
            settings = msgspec.convert(row.settings, row.plug.settings_type)
            ways.setdefault(repr((row.source, row.settings)), Way(row.plug, settings, row.secrets))
        except (msgspec.ValidationError, CannotOpen):
            continue  # the stream says so on the Sources page
    return list(ways.values())


def _facts(source: str) -> Facts:
    plug = installed_sources().get(source)
    return plug.facts if plug is not None else Facts("", (), "", "", (), timedelta())

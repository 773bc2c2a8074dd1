"""The contract between Watchfloor and a network.

A source has two halves. `listen` talks to the network and yields batches; `parse` is pure: one raw payload in, events
out, tested on captured payloads. A batch carries the cursor that stands *after* it: the pipeline stores the batch and
the cursor in one transaction, so after a crash `listen` is called with the last stored cursor and repeats work, and
never skips any. Sources may deliver an event twice; the store keeps one.

    SourceError
    ├── TryAgain        it may work later: `after` says when at the earliest
    └── NeedsHands      it will not work until somebody changes something: bad secret, gone account, wrong address

Other packages add sources by the entry point group `watchfloor.sources`: an object that satisfies `Source`.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from watchfloor.sources.post import Post

log = logging.getLogger(__name__)

# --- What happens on a network -------------------------------------------------------------------------------------


class Written(msgspec.Struct, frozen=True):
    """A post appeared, or (with `edited`) changed. `raw` is the payload it was read from, kept for re-mapping."""

    post: Post
    raw: bytes = b""
    edited: bool = False


class Deleted(msgspec.Struct, frozen=True):
    """A post was taken down by its author or the network. The post may be one we never saw."""

    network: str
    id: str


class AuthorChanged(msgspec.Struct, frozen=True):
    """An account's state. `gone`: remove all its posts for good. `hidden` (deactivated, suspended, taken down): show
    none of its posts until `back`."""

    network: str
    author_id: str
    state: Literal["gone", "hidden", "back"]


class AuthorRenamed(msgspec.Struct, frozen=True):
    """What an account is called now. A field that is None was not told and stays as it is."""

    network: str
    author_id: str
    handle: str | None = None
    name: str | None = None
    followers: int | None = None


class Gap(msgspec.Struct, frozen=True):
    """A stretch that was not received, in the source's own time. Shown on the Sources page and drawn in charts."""

    since: datetime
    until: datetime
    why: str


class Filled(msgspec.Struct, frozen=True):
    """Earlier Gaps that lie in this stretch are gaps no more: all of it was fetched after all."""

    since: datetime
    until: datetime


class Unreadable(msgspec.Struct, frozen=True):
    """A payload that could not be read: counted and reported; the stream goes on. `excerpt` is at most 200 bytes."""

    why: str
    excerpt: bytes = b""


class NotPublic(msgspec.Struct, frozen=True):
    """A post that is not for everybody (for followers, for one): nothing of it is kept, it is only counted."""

    why: str


Event = Written | Deleted | AuthorChanged | AuthorRenamed | Gap | Filled | Unreadable | NotPublic


class Batch(msgspec.Struct, frozen=True):
    """Events in the network's order, and the cursor that stands after them (None: the network has no cursor).

    An empty batch is a sign of life: it moves the cursor and says that the connection stands (`heard` is then the
    time of the last thing heard, a heartbeat included). `lag` is how far behind the network the source is, if it knows.
    `unknown_fields` counts fields that the parser did not understand, by path.

    `trouble` says in a sentence what goes wrong with a part of the connection (one feed of many) while the rest is
    heard; "" that all of it is well again, None nothing new. `is_plan`: nothing was heard; the cursor holds what is
    about to be tried. `listen` is asked to go on only once it is committed, so that a crash in the middle does not
    hurry anything.

    Each batch vouches for the time from the one before it (after a restart with a cursor: from the last one stored)
    to now, less `lag`: all that was written then is there, but for what a Gap names. That is the coverage people see.
    `since` vouches for more: all from then on, for a source that brings a past with it. `clock` says where a recording
    that is played with its own dates stands.
    """

    events: Sequence[Event] = ()
    cursor: str | None = None
    lag: timedelta | None = None
    unknown_fields: Mapping[str, int] = {}
    trouble: str | None = None
    is_plan: bool = False
    since: datetime | None = None
    clock: datetime | None = None


# --- What goes wrong ----------------------------------------------------------------------------------------------


class SourceError(Exception):
    """What was tried, on what, and what to do next: one sentence each, fit for the Sources page."""

    def __init__(self, tried: str, on: str, next_step: str) -> None:
        super().__init__(f"{tried} ({on}). {next_step}")
        self.tried, self.on, self.next_step = tried, on, next_step


class TryAgain(SourceError):
    """May work later, not before `after` (None: by the pipeline's own back-off)."""

    def __init__(self, tried: str, on: str, next_step: str, *, after: timedelta | None = None) -> None:
        super().__init__(tried, on, next_step)
        self.after = after


class NeedsHands(SourceError):
    """Will not work until somebody changes something."""


class CannotReply(NeedsHands):
    """This source, or this account, can't write."""


class AsksNobody(NeedsHands):
    """This connection is set to look up no accounts."""


# --- What a source says of itself ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backoff:
    """How long to wait before trying again: doubling from `first` to `most`, with jitter."""

    first: timedelta = timedelta(seconds=1)
    most: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class SecretField:
    """A secret that a connection may need: its name in `secrets`, what people are asked for, and where they get it.
    `pattern` is a regular expression that all of it must match; "" lets everything in."""

    name: str
    label: str
    help: str = ""
    pattern: str = ""


@dataclass(frozen=True)
class Facts:
    """What people must know before they connect it. Shown on the Sources page; the README says more."""

    title: str  # "Bluesky"
    networks: tuple[str, ...]  # networks its posts carry; () = any
    terms: str  # one sentence
    limits: str  # one sentence: rates, look-back
    cannot_tell: tuple[str, ...]  # post fields that the network does not give: ("author.followers", "metrics.views")
    rhythm: timedelta  # the longest silence that is usual; beyond it silence is a visible state
    backoff: Backoff = Backoff()
    follows_edits: bool = False
    follows_deletions: bool = False
    can_reply: bool = False
    authors_at_once: int = 0  # accounts that one look-up may name; 0: it looks up none
    author_look_ups_per_minute: int = 10
    # The longest time between batches, empty ones included, while all is well: after it, a live one is not believed.
    signs_of_life: timedelta = timedelta(minutes=2)
    listens: bool = True  # False: it reads something once, so that no minute of it is there to be missed
    secrets: tuple[SecretField, ...] = ()
    terms_url: str = ""  # where they can be read whole
    letters: str = "?"  # at most two, for the network's mark
    shape: Literal["microblog", "community", "page", "media"] = "microblog"


@dataclass(frozen=True)
class Cost:
    """What listening will take, said before it starts. None is "not known"."""

    requests_per_hour: float | None = None
    money_per_1000_posts: float | None = None
    currency: str = "USD"
    note: str = ""


@dataclass(frozen=True)
class Checked:
    """The answer of the test button: what was reached, in one sentence, and facts worth showing."""

    says: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """A text to be written under `to` (an id on the network). `key` is chosen once, before the first attempt: a
    repeated attempt with the same key must not appear twice, or be settled by `find_reply`."""

    key: str
    to: str
    text: str
    lang: str | None = None


@dataclass(frozen=True)
class Sent:
    id: str
    url: str | None = None


@runtime_checkable
class Source(Protocol):
    """One kind of connection. Stateless: all that a connection needs is in its settings, secrets and cursor.

    `name` is the word in the database and in settings (`bluesky`). `settings_type` is a msgspec Struct: a wrong
    setting is refused when the connection is saved, with msgspec's own message.
    """

    name: str
    facts: Facts
    settings_type: type[msgspec.Struct]

    def listen(self, settings: Any, *, cursor: str | None, secrets: Mapping[str, str]) -> AsyncIterator[Batch]:
        """Yield batches from after `cursor`, oldest first, for ever (a finite source returns when it is done).

        `cursor` None: from now (or from the start, for a finite source). Raises SourceError. A source that found
        its cursor out of the network's reach yields a Gap for what is lost, and goes on.
        """
        ...

    def parse(self, raw: bytes) -> list[Event]:
        """One raw payload → its events. Pure. Never raises on bad input: answers [Unreadable(...)]."""
        ...

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        """The cursor that stands `by` earlier, for switching between hosts whose clocks differ. None if it has none."""
        ...

    async def check(self, settings: Any, *, secrets: Mapping[str, str]) -> Checked:
        """Try the connection once. Raises SourceError."""
        ...

    def cost(self, settings: Any) -> Cost: ...

    async def reply(self, reply: Reply, settings: Any, *, secrets: Mapping[str, str]) -> Sent:
        """Write a reply. Raises CannotReply where the network or the account does not allow it."""
        ...

    async def find_reply(self, reply: Reply, settings: Any, *, secrets: Mapping[str, str]) -> Sent | None:
        """Look whether `reply` (by its key) is on the network already. For settling an unclear answer."""
        ...

    async def look_up_authors(
        self, ids: Sequence[str], settings: Any, *, secrets: Mapping[str, str]
    ) -> list[AuthorRenamed]:
        """What accounts are called now, where the network does not say it with the post; [] where it does. At most
        `facts.authors_at_once` ids a call; accounts that are not known are left out. Raises SourceError, and AsksNobody
        where the settings switch it off."""
        ...


def made_settings(settings_type: type[msgspec.Struct]) -> frozenset[str]:
    """Settings that a source makes and nobody sets: Annotated[…, msgspec.Meta(extra={"hidden": True})]."""
    found = set()
    for setting in msgspec.structs.fields(settings_type):
        for said in getattr(setting.type, "__metadata__", ()):
            if isinstance(said, msgspec.Meta) and said.extra and said.extra.get("hidden"):
                found.add(setting.name)
    return frozenset(found)


@runtime_checkable
class Makes(Protocol):
    """A source whose new connections need something made: an address, a secret, rows of its own."""

    def make(self, connection: Any) -> None:
        """Called once, after the connection's row is saved, in the same transaction. May change the row."""
        ...


@cache
def installed_sources() -> dict[str, Source]:
    """Every source by name, ours and other packages', by entry point. One that can't be loaded is left out and logged:
    a broken plug must not take the others down."""
    found = {}
    for point in entry_points(group="watchfloor.sources"):
        try:
            source: Source = point.load()
        except (ImportError, AttributeError):
            log.exception("Source could not be loaded", extra={"source": point.name})
            continue
        found[source.name] = source
    return found

"""What a made-up event consists of: what happens in it, and what each post was meant to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from watchfloor.sources.post import Post, Sentiment
from watchfloor.sources.rehearsal.cast import Person
from watchfloor.sources.rehearsal.programme import Programme
from watchfloor.sources.source import Event, Written


class Truth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a post was meant to be. `copy_of` is the post whose text it repeats on purpose (reposts aside)."""

    theme: str
    mood: Sentiment
    lang: str
    happening: str | None = None
    copy_of: str | None = None
    answers: str | None = None  # the question that the organiser answers with it


class Item(msgspec.Struct, frozen=True):
    """Something that happens at `at` (the event's own calendar)."""

    at: datetime
    event: Event


@dataclass(frozen=True)
class Happening:
    """Something planted. `posts` are all that belong to it, in order."""

    name: str
    kind: str  # emerging hashtag, complaint, rumour, correction, spam, copies, clip, account deletion
    what: str
    starts: datetime
    ends: datetime
    terms: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()


@dataclass
class Plan:
    seed: int
    tag: str  # in every id: another seed, size or length has other ids
    programme: Programme
    items: list[Item] = field(default_factory=list)
    truth: dict[str, Truth] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()

    @property
    def posts(self) -> list[Post]:
        """The posts as first written, in order."""
        return [i.event.post for i in self.items if isinstance(i.event, Written) and not i.event.edited]

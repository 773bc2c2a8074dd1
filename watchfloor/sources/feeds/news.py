"""What a feed said this time against what it said last: new, changed, lost. Pure but for the state it keeps."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from watchfloor.sources.feeds.document import Entry, Feed
from watchfloor.sources.feeds.records import RawItem
from watchfloor.sources.feeds.state import FeedState, Mark, mark_of, moment, pack, unpack
from watchfloor.sources.source import Event, Gap, Unreadable, Written


def news_of(feed: Feed, state: FeedState, *, now: datetime, most_known: int) -> list[Event]:
    """The events, oldest first; `state.known` then holds what was said. An item that is not in the feed any more has
    only made room for others: it is no deletion."""
    known = unpack(state.known)
    by_id = {mark.id: mark for mark in known}
    entries = sorted(feed.entries, key=_newest_first)
    if known:
        entries = entries[:most_known]  # more are not remembered, and would be new each time
    met: dict[bytes, Mark] = {}
    events: list[Event] = []
    here = {_mark(entry).id for entry in entries}
    moved = {mark.twin for mark in known if mark.id not in here}  # perhaps here under another id
    for entry in entries:
        mark = _mark(entry)
        if mark.id in met:
            continue
        met[mark.id] = mark
        before = by_id.get(mark.id)
        if before is None and mark.twin not in moved:
            events.append(_event(entry, edited=False))
        elif before is not None and before.said != mark.said:
            events.append(_event(entry, edited=True))
    gap = _gap(entries, state, known, met, now)
    rest = [mark for mark in known if mark.id not in met]
    state.known = pack([*met.values(), *rest], most=most_known)
    return ([gap] if gap else []) + events[::-1]


def _newest_first(entry: Entry) -> float:
    return -entry.post.created_at.timestamp() if entry.post is not None else 0.0


def _mark(entry: Entry) -> Mark:
    if entry.post is not None:
        return mark_of(entry.post, is_dated=entry.is_dated)
    item = msgspec.json.encode(msgspec.json.decode(entry.raw, type=RawItem).item)
    digest = hashlib.blake2b(item, digest_size=4).digest()
    return Mark(digest, digest, digest)


def _event(entry: Entry, *, edited: bool) -> Event:
    if entry.post is None:
        return Unreadable(entry.why, entry.raw[:200])
    return Written(entry.post, entry.raw, edited)


def _gap(
    entries: list[Entry], state: FeedState, known: list[Mark], met: dict[bytes, Mark], now: datetime
) -> Gap | None:
    """None of the items we knew is left, and all that are there are younger: some may have come and gone between."""
    twins = {mark.twin for mark in met.values()}
    if not known or not met or any(mark.id in met or mark.twin in twins for mark in known):
        return None
    dates = [entry.post.created_at for entry in entries if entry.post is not None and entry.is_dated]
    last = moment(state.heard_at)
    if len(dates) < len(entries) or not last < (first := min(dates)) <= now:
        return None
    return Gap(
        last, first, f"{state.name[:100]}: none of the items known before is in the feed any more; some may be lost."
    )

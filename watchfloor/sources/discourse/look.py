"""One look at one forum: what is new, what changed, what is gone.

The list of newest posts is paged back by id until what was heard before. Posts that were heard are remembered with a
mark of their words and figures: another mark is a change, and one that is missing between others is asked for by
itself, since it may be deleted or merely no longer listed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from watchfloor.sources.discourse.parse import NETWORK, Seen, post_id, read_post
from watchfloor.sources.discourse.site import Missing, Site
from watchfloor.sources.source import Deleted, Event, Gap, Unreadable, Written
from watchfloor.sources.told import NotRead

PAGE = 50
MOST_PAGES_FOR_CHANGES = 10
MOST_ASKED_FOR = 20  # missing posts, and answered ones that are not known, at one look


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """A post that was heard: its mark, and where it stands."""

    mark: int
    topic: int
    number: int


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a forum stands: all public posts up to the id `newest` are taken, the last of them written `at`."""

    newest: int
    at: int
    heard: dict[int, Heard] = {}


class Looked(NamedTuple):
    place: Place
    events: list[Event]


async def look(site: Site, place: Place | None, *, now: datetime, most_back: int, keep: int, deep: bool) -> Looked:
    """Raises SourceError."""
    found: dict[int, tuple[Seen, bytes]] = {}
    events: list[Event] = []
    before: int | None = None
    reached, pages = False, 0
    until = _until(place, deep=deep)
    while not reached:
        page = await site.posts(before)
        pages += 1
        least = _read_page(page, site.address, place, found, events)
        # Older forums answer a window of 50 ids, which may be empty though there is more behind it.
        before = least if least is not None and (before is None or least < before) else (before or 1) - PAGE
        fresh = sum(place is None or number > place.newest for number in found)
        too_far = fresh >= most_back or (pages >= MOST_PAGES_FOR_CHANGES and (place is None or before <= place.newest))
        reached = place is None or before <= until or before <= 1 or too_far
    if place is None:
        newest = max(found, default=0)
        return Looked(Place(newest, int(now.timestamp())), events)
    lowest = before or 0
    gap = _gap(place, found, lowest, now)
    if gap is not None:
        events.append(gap)
    numbers = await _numbers(site, place, found)
    heard = dict(place.heard)
    for number, (_seen, raw) in sorted(found.items()):
        events += _event(number, raw, site, place, heard, numbers)
    events += await _gone(site, heard, found, lowest=lowest)
    newest = max([place.newest, *found])
    times = [seen.at.timestamp() for seen, _raw in found.values() if seen.at is not None]
    kept = dict(sorted(heard.items())[-keep:])
    return Looked(Place(newest, int(max([place.at, *(t for t in times if t <= now.timestamp())])), kept), events)


def _until(place: Place | None, *, deep: bool) -> int:
    """The id down to which the list is paged."""
    if place is None:
        return 0
    return min(place.heard, default=place.newest) if deep else place.newest


def _read_page(
    page: list[tuple[dict[str, object], bytes]],
    address: str,
    place: Place | None,
    found: dict[int, tuple[Seen, bytes]],
    events: list[Event],
) -> int | None:
    """Put the posts of a page into `found`; the lowest id of it."""
    ids = []
    for told_of, raw in page:
        number = told_of.get("id")
        if isinstance(number, int) and not isinstance(number, bool) and number > 0:
            ids.append(number)
        try:
            seen = read_post(told_of, address)
        except NotRead as error:
            if place is None or not isinstance(number, int) or number > place.newest:
                events.append(Unreadable(str(error), raw[:200]))
            continue
        if seen is not None:
            found[seen.id] = (seen, raw)
    return min(ids, default=None)


def _gap(place: Place, found: dict[int, tuple[Seen, bytes]], lowest: int, now: datetime) -> Gap | None:
    """What lies between what was heard and the oldest that was fetched, if that was not reached."""
    if lowest <= place.newest or lowest <= 1:
        return None
    oldest = min((seen.at for number, (seen, _raw) in found.items() if seen.at and number > place.newest), default=now)
    since = datetime.fromtimestamp(place.at, UTC)
    return Gap(since, max(since, oldest), "More was written meanwhile than this connection fetches after an outage.")


async def _numbers(site: Site, place: Place, found: dict[int, tuple[Seen, bytes]]) -> dict[tuple[int, int], int]:
    """Where posts stand in their topics → their ids; those that new posts answer are asked for."""
    numbers = {(heard.topic, heard.number): number for number, heard in place.heard.items()}
    numbers |= {(seen.topic, seen.number): number for number, (seen, _raw) in found.items()}
    asked = 0
    for number, (seen, raw) in sorted(found.items()):
        answers = msgspec.json.decode(raw).get("reply_to_post_number")
        if number <= place.newest or not str(answers).isdigit() or (seen.topic, int(answers)) in numbers:
            continue
        if asked >= MOST_ASKED_FOR:
            break
        asked += 1
        try:
            around = await site.around(seen.topic, int(answers))
        except Missing:
            continue
        for told_of in around:
            topic, place_in, native = told_of.get("topic_id"), told_of.get("post_number"), told_of.get("id")
            if isinstance(native, int) and isinstance(topic, int) and isinstance(place_in, int):
                numbers.setdefault((topic, place_in), native)
    return numbers


def _event(
    number: int, raw: bytes, site: Site, place: Place, heard: dict[int, Heard], numbers: dict[tuple[int, int], int]
) -> list[Event]:
    seen = read_post(msgspec.json.decode(raw), site.address, numbers)
    assert seen is not None
    before = heard.get(number)
    if seen.post is None:
        return [Deleted(NETWORK, post_id(site.address, number))] if heard.pop(number, None) else []
    # One that is listed only now (approved, unhidden) stands among those that were heard, without having been.
    is_late = before is None and bool(place.heard) and number > min(place.heard)
    if number <= place.newest and before is None and not is_late:
        return []
    heard[number] = Heard(seen.mark, seen.topic, seen.number)
    if before is None:
        return [Written(seen.post, raw)]
    return [] if before.mark == seen.mark else [Written(seen.post, raw, edited=True)]


async def _gone(
    site: Site, heard: dict[int, Heard], found: dict[int, tuple[Seen, bytes]], *, lowest: int
) -> list[Event]:
    """Posts that were heard and are missing in the stretch that was listed."""
    missing = sorted((number for number in heard if number > lowest and number not in found), reverse=True)
    events: list[Event] = []
    for number in missing[:MOST_ASKED_FOR]:
        try:
            told_of = await site.post(number)
            seen = read_post(told_of, site.address)
            is_gone = seen is None or seen.post is None
        except Missing:
            is_gone = True
        except NotRead:
            is_gone = False
        # One that is there but no longer listed is not followed any more: else it would be asked for at every look.
        del heard[number]
        if is_gone:
            events.append(Deleted(NETWORK, post_id(site.address, number)))
    return events

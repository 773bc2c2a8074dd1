"""What a wall shows is drawn once per change here, whoever and however many look at it.

    async for frame in Studio.of(wall).watch(still): …

One studio a wall and process, at work while somebody watches. It hears what happens in the mission and to the wall,
draws again what that makes old (`Place.may_be_old`), and hands every screen the same frame. A frame holds the panels
that changed; a screen that comes or fell behind gets them all.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any, ClassVar

import msgspec
from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone

from watchfloor.live.announce import RIGHTS
from watchfloor.live.reader import Change, Hub, Overflow, Subscription
from watchfloor.wall.drawing import draw, foot, places
from watchfloor.wall.models import Wall
from watchfloor.wall.red import COLUMNS as RED_COLUMNS
from watchfloor.wall.red import RedWatch, draw_red
from watchfloor.wall.steering import showing

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0  # a screen that hears nothing for a few of these knows that it is cut off
LEAST_BETWEEN_SECONDS = 0.25
ASK_AGAIN_SECONDS = 4.0
MOST_WAITING = 8  # frames that a slow screen may leave lying
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="wall")
FLOOD_STAYS_SECONDS = 2.5  # that posts stay where so many come that all of them are new each time
_KEYS = re.compile(r'data-key="(\d+)"')
_CHECK = b""
RELEASE = version("watchfloor")


@dataclass
class Picture:
    """What a wall shows now. `panels` are HTML by their number in the scene."""

    scene: int | None = None
    title: str = ""
    columns: list[tuple[int, int | str]] = field(default_factory=list)
    panels: dict[int, str] = field(default_factory=dict)
    drawn_at: dict[int, float] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def frame(self, only: set[int] | None = None) -> bytes:
        """As an event of a stream; `only` these panels of the same scene."""
        told = {
            **self.about,
            "scene": self.scene,
            "title": self.title,
            "columns": self.columns,
            "panels": {str(n): html for n, html in self.panels.items() if only is None or n in only},
            "whole": only is None,
        }
        return b"event: shown\ndata: " + msgspec.json.encode(told) + b"\n\n"


class Studio:
    _open: ClassVar[dict[int, Studio]] = {}

    def __init__(self, wall: Wall, hub: Hub) -> None:
        self._wall_id, self._mission_id, self._channel = wall.pk, wall.mission_id, wall.channel
        self._hub = hub
        self._screens: set[asyncio.Queue[bytes]] = set()
        self._picture = Picture()
        self._work: asyncio.Task[None] | None = None
        self._red = RedWatch()
        self._slow_is_due = False
        self._put_off: float | None = None  # seconds until a panel may be drawn again that something was heard for
        self._holds: dict[int, float] = {}  # how long what a panel says must stay, because all of it was new

    @classmethod
    def of(cls, wall: Wall, hub: Hub) -> Studio:
        return cls._open.setdefault(wall.pk, cls(wall, hub))

    @classmethod
    def watched(cls) -> int:
        """How many screens look at walls in this process."""
        return sum(len(studio._screens) for studio in cls._open.values())

    async def watch(self, still: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Frames for one screen, the whole picture first. Ends when `still`, called in a thread, says no."""
        screen: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        self._screens.add(screen)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._keep_drawing())
        elif self._picture.about:
            screen.put_nowait(self._picture.frame())
        asked = time.monotonic()
        try:
            yield b"retry: 1500\nevent: hello\ndata: {}\n\n"
            while True:
                frame = await screen.get()
                if frame is _CHECK or time.monotonic() - asked > ASK_AGAIN_SECONDS:
                    asked = time.monotonic()
                    if not await in_a_thread(still):
                        yield b"event: ended\ndata: {}\n\n"
                        return
                if frame is not _CHECK:
                    yield frame
        except asyncio.CancelledError:
            return
        finally:
            self._screens.discard(screen)
            if not self._screens and self._work:
                self._work.cancel()
                self._open.pop(self._wall_id, None)

    # --- At work ---------------------------------------------------------------------------------------------------

    async def _keep_drawing(self) -> None:
        channels = (f"mission:{self._mission_id}", "sources", self._channel, RIGHTS)
        # The outermost loop of this task: a picture that can't be drawn must not end the wall.
        while self._screens:
            try:
                with self._hub.subscribe(*channels) as heard:
                    await self._draw_and_hand_out(afresh=True)
                    while self._screens:
                        await self._wait_and_draw(heard)
            except Overflow:
                continue
            except asyncio.CancelledError:
                return
            except Exception:
                log.exception("A wall could not be drawn", extra={"wall_id": self._wall_id})
                await asyncio.sleep(TICK_SECONDS)

    async def _wait_and_draw(self, heard: Subscription) -> None:
        change = await heard.next(self._until_next())
        afresh = self._take_note(change)
        heard_something = change is not None
        # What comes within a moment is drawn together.
        while (change := heard.waiting()) is not None:
            afresh = self._take_note(change) or afresh
        last = max(self._picture.drawn_at.values(), default=0.0)
        left = LEAST_BETWEEN_SECONDS - (time.monotonic() - last)
        if left > 0:
            await asyncio.sleep(left)
            while (change := heard.waiting()) is not None:
                afresh = self._take_note(change) or afresh
        await self._draw_and_hand_out(afresh=afresh)
        if not heard_something:
            self._put_off = None

    def _take_note(self, change: Change | None) -> bool:
        """Whether everything must be drawn again."""
        if change is None:
            return False
        if change.channel == RIGHTS:
            self._hand(_CHECK)
            return False
        about_mentions = bool(change.payload.get("topics"))
        if change.channel != "sources" and not about_mentions:  # the wall was steered, the mission's level was changed
            self._red.over()
            return True
        return about_mentions and _took_away(change.payload)

    def _until_next(self) -> float:
        """Seconds until something must be drawn though nothing was heard: a next scene, or what grew old."""
        soonest = TICK_SECONDS if self._put_off is None else min(TICK_SECONDS, self._put_off)
        until = self._picture.about.get("until")
        if until is not None:
            soonest = min(soonest, (datetime.fromisoformat(until) - timezone.now()).total_seconds())
        return max(0.05, soonest)

    async def _draw_and_hand_out(self, *, afresh: bool) -> None:
        changed = await in_a_thread(self._draw, afresh)
        self._hand(self._picture.frame(None if changed is None else changed))
        if self._slow_is_due:
            changed = await in_a_thread(self._draw, afresh, slow=True)
            self._hand(self._picture.frame(None if changed is None else changed))

    def _draw(self, afresh: bool, *, slow: bool = False) -> set[int] | None:
        """Bring the picture up to date; which panels changed, None: all of it did. Charts wait for a turn of their own
        (`slow`), unless the whole picture is another."""
        now = timezone.now()
        wall = Wall.objects.select_related("mission", "pinned").get(pk=self._wall_id)
        scenes = list(wall.scenes.all())
        shown = showing(wall, scenes, now)
        before = self._picture
        red = self._red.now(wall, now)
        place_of = {place.number: place for place in places(shown.scene)} if shown.scene and not red else {}
        columns: list[tuple[int, int | str]] = [(place.number, place.columns) for place in place_of.values()]
        scene = shown.scene.pk if shown.scene else None
        picture = Picture(scene, shown.scene.title if shown.scene else "", columns)
        if red:
            picture.columns, picture.title = list(RED_COLUMNS), red.title
        other = scene != before.scene or picture.columns != before.columns
        changed: set[int] = set()
        self._put_off, self._slow_is_due = None, False
        for number, html in draw_red(wall, red).items() if red else ():
            picture.panels[number] = html
            picture.drawn_at[number] = time.monotonic()
            if html != before.panels.get(number):
                changed.add(number)
        for number, place in place_of.items():
            age = time.monotonic() - before.drawn_at.get(number, 0.0)
            stays = max(place.may_be_old, self._holds.get(number, 0.0))
            is_due = afresh or age >= stays
            if place.is_slow and is_due and not slow and not other and number in before.panels:
                self._slow_is_due, is_due = True, False
            if other or number not in before.panels or is_due:
                picture.panels[number] = draw(wall, place, now)
                picture.drawn_at[number] = time.monotonic()
                if picture.panels[number] != before.panels.get(number):
                    changed.add(number)
                is_flood = place.panel == "stream" and _all_new(before.panels.get(number, ""), picture.panels[number])
                self._holds[number] = FLOOD_STAYS_SECONDS if is_flood and not other else 0.0
            else:
                self._put_off = min(self._put_off or TICK_SECONDS, max(0.0, stays - age))
                picture.panels[number] = before.panels[number]
                picture.drawn_at[number] = before.drawn_at[number]
        picture.about = {
            "at": now.isoformat(),
            "until": shown.until.isoformat() if shown.until else None,
            "next": shown.next.title if shown.next else None,
            "blank": wall.is_blank,
            "announcement": wall.announcement,
            "level": wall.mission.level,
            "red": red is not None,
            "bar": bool(wall.announcement) and not red and all(p.panel != "announcement" for p in place_of.values()),
            "zone": wall.mission.time_zone,
            "mission": wall.mission.name,
            "release": RELEASE,
            "foot": foot(wall, now),
        }
        self._picture = picture
        return None if other else changed

    def _hand(self, frame: bytes) -> None:
        for screen in self._screens:
            if screen.full():  # it fell behind: forget what lies there, it gets the whole picture
                while not screen.empty():
                    screen.get_nowait()
                screen.put_nowait(_CHECK)
                if self._picture.about:
                    screen.put_nowait(self._picture.frame())
            else:
                screen.put_nowait(frame)


def _all_new(before: str, now: str) -> bool:
    """Whether no post stayed: more comes than anybody reads."""
    return bool(before) and not set(_KEYS.findall(before)) & set(_KEYS.findall(now))


def _took_away(payload: dict[str, Any]) -> bool:
    """Deleted, hidden and edited posts leave walls at once, whatever they stand in."""
    return any("gone" in change or "changed" in change for change in payload["topics"].values())


async def in_a_thread(work: Callable[..., Any], *told: Any, **named: Any) -> Any:
    """Django's database work, away from the loop and from the thread of requests."""
    return await sync_to_async(_with_connections(work), thread_sensitive=False, executor=_threads)(*told, **named)


def _with_connections(work: Callable[..., Any]) -> Callable[..., Any]:
    def done(*told: Any, **named: Any) -> Any:
        close_old_connections()
        return work(*told, **named)

    return done

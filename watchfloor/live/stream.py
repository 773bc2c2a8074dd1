"""A stream of Server-Sent Events to one screen. It only carries what changed; the browser asks for the fragments with
its own rights.

    return event_stream(hub, ["mission:12", "sources"], still=lambda: may_see(person, mission))

Each change is one event; its frame is made once and shared by all screens. The stream ends when `still` says no: asked
whenever somebody's rights change (channel RIGHTS), and every so often for what runs out by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from watchfloor.live.announce import RIGHTS
from watchfloor.live.reader import Hub, Overflow

BREATH_SECONDS = 15
ASK_AGAIN_SECONDS = 15
MOST_SCREENS = 2_000  # per process


def event_stream(
    hub: Hub, channels: Sequence[str], *, still: Callable[[], bool]
) -> HttpResponse | StreamingHttpResponse:
    """Hears `channels` until the screen goes away or `still`, called in a thread, says that it may no longer watch."""
    if hub.watching() >= MOST_SCREENS:
        return HttpResponse(_("Too many screens are open. Close some and reload."), status=503)
    response = StreamingHttpResponse(_frames(hub, channels, still), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the stream back
    return response


async def _frames(hub: Hub, channels: Sequence[str], still: Callable[[], bool]) -> AsyncIterator[bytes]:
    with hub.subscribe(*channels, RIGHTS) as subscription:
        yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
        asked = time.monotonic()
        try:
            while True:
                change = await subscription.next(BREATH_SECONDS)
                if (change is not None and change.channel == RIGHTS) or time.monotonic() - asked > ASK_AGAIN_SECONDS:
                    asked = time.monotonic()
                    if not await sync_to_async(still)():
                        yield b"event: ended\ndata: {}\n\n"
                        return
                if change is None:
                    yield b": still here\n\n"
                elif change.channel != RIGHTS:
                    yield change.frame
        except Overflow:
            yield b"event: reload\ndata: {}\n\n"
        except asyncio.CancelledError:
            return

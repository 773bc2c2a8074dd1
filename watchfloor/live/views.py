"""The live stream of a mission's pages (Server-Sent Events). It only carries what changed; the browser asks for the
fragments with its own rights."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, StreamingHttpResponse
from django.utils.translation import gettext as _

from watchfloor.live.reader import Hub, Overflow, Subscription
from watchfloor.team.access import mission_for

BREATH_SECONDS = 15
MOST_SCREENS = 2_000  # per process


async def mission_stream(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    person = await request.auser()
    if not person.is_authenticated:
        return HttpResponseForbidden(_("Sign in to watch."))
    mission = await sync_to_async(mission_for)(person, slug)
    hub = await sync_to_async(Hub.of_this_process)()
    if hub.watching() >= MOST_SCREENS:
        return HttpResponse(_("Too many screens are open. Close some and reload."), status=503)
    response = StreamingHttpResponse(_frames(hub, f"mission:{mission.pk}"), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would hold the stream back
    return response


async def _frames(hub: Hub, channel: str) -> AsyncIterator[bytes]:
    with hub.subscribe(channel, "sources") as subscription:
        yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
        try:
            while True:
                yield await _next_frame(subscription)
        except Overflow:
            yield b"event: reload\ndata: {}\n\n"
        except asyncio.CancelledError:
            return


async def _next_frame(subscription: Subscription) -> bytes:
    change = await subscription.next(BREATH_SECONDS)
    if change is None:
        return b": still here\n\n"
    name = b"sources" if change.channel == "sources" else b"mentions"
    return b"event: " + name + b"\ndata: " + change.payload_json + b"\n\n"

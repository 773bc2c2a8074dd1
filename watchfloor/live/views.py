"""The live stream of a mission's pages."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, StreamingHttpResponse
from django.utils.translation import gettext as _

from watchfloor.live.reader import Hub
from watchfloor.live.stream import event_stream
from watchfloor.team.access import mission_for
from watchfloor.team.models import Mission, Person


async def mission_stream(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    person = await request.auser()
    if not isinstance(person, Person):
        return HttpResponseForbidden(_("Sign in to watch."))
    mission = await sync_to_async(mission_for)(person, slug)
    hub = await sync_to_async(Hub.of_this_process)()

    def still() -> bool:
        held = Person.objects.filter(pk=person.pk).first()
        return held is not None and Mission.objects.for_person(held).filter(pk=mission.pk).exists()

    return event_stream(hub, [f"mission:{mission.pk}", "sources"], still=still)

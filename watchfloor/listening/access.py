"""The one door from a request to a topic."""

from __future__ import annotations

from django.http import Http404

from watchfloor.listening.models import Topic
from watchfloor.team.access import mission_for
from watchfloor.team.models import Person


def topic_for(person: Person, slug: str, pk: int) -> Topic:
    """The topic, if `person` may enter its mission. Raises Http404."""
    mission = mission_for(person, slug)
    topic = Topic.objects.filter(mission=mission, pk=pk).first()
    if topic is None:
        raise Http404("no such topic")
    topic.mission = mission
    return topic

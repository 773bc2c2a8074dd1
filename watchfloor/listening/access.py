"""The one door from a request to a topic, a version of one, and an emerging term."""

from __future__ import annotations

from django.http import Http404

from watchfloor.listening.models import EmergingTerm, Topic, TopicVersion
from watchfloor.team.access import mission_for
from watchfloor.team.models import Person

LARGEST_ID = 2**63  # what a database's number holds; addresses can name more


def topic_for(person: Person, slug: str, pk: int) -> Topic:
    """The topic, if `person` may enter its mission and nobody removed it. Raises Http404."""
    mission = mission_for(person, slug)
    topic = Topic.objects.kept().filter(mission=mission, pk=pk).first() if pk < LARGEST_ID else None
    if topic is None:
        raise Http404("no such topic")
    topic.mission = mission
    return topic


def version_for(topic: Topic, number: int) -> TopicVersion:
    """A version of a topic that was let through already. Raises Http404."""
    version = topic.versions.filter(number=number).first() if number < LARGEST_ID else None
    if version is None:
        raise Http404("no such version")
    return version


def emerging_term_for(person: Person, slug: str, pk: int) -> EmergingTerm:
    """The offered term, if `person` may enter its mission. Raises Http404."""
    mission = mission_for(person, slug)
    term = EmergingTerm.objects.filter(mission=mission, pk=pk).first() if pk < LARGEST_ID else None
    if term is None:
        raise Http404("no such term")
    term.mission = mission
    return term

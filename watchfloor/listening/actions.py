"""Verbs that change topics: one transaction each, a version where the query changed, announced on commit."""

from __future__ import annotations

from django.db import transaction

from watchfloor.listening.models import Topic, TopicVersion
from watchfloor.listening.revision import count_up
from watchfloor.team.models import Mission, Person


@transaction.atomic
def make_topic(mission: Mission, *, name: str, role: str, query: str, by: Person | None, why: str = "") -> Topic:
    """A topic that listens from now on. Posts stored already are matched against it in the background."""
    topic = Topic.objects.create(mission=mission, name=name, role=role, query=query)
    TopicVersion.objects.create(topic=topic, number=1, query=query, made_by=by, why=why)
    count_up(topic.pk)
    return topic


@transaction.atomic
def change_topic(topic: Topic, *, name: str, role: str, query: str, by: Person | None, why: str = "") -> Topic:
    """A new version if the query differs; name and role alone make none. Two who save at once get a version each."""
    held = Topic.objects.select_for_update().get(pk=topic.pk)
    held.name, held.role = name, role
    fields = ["name", "role"]
    if held.query != query:
        held.query, held.version = query, held.version + 1
        fields += ["query", "version"]
        TopicVersion.objects.create(topic=held, number=held.version, query=query, made_by=by, why=why)
    held.save(update_fields=fields)
    count_up(held.pk)
    return held


@transaction.atomic
def switch_topic(topic: Topic, *, on: bool) -> None:
    """Listen or stop listening. What was found stays; what comes while it is off is not found later."""
    if Topic.objects.filter(pk=topic.pk).exclude(is_on=on).update(is_on=on):
        count_up(topic.pk)

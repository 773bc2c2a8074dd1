"""Verbs that change topics: one transaction each, a version where the query changed, a line in the strategy log,
announced on commit."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.models import Topic, TopicVersion
from watchfloor.listening.revision import count_up
from watchfloor.live.announce import publish
from watchfloor.team.models import Mission, Person
from watchfloor.team.strategy import note_strategy


@transaction.atomic
def make_topic(mission: Mission, *, name: str, role: str, query: str, by: Person | None, why: str = "") -> Topic:
    """A topic that listens from now on. Posts stored already are matched against it in the background."""
    topic = Topic.objects.create(mission=mission, name=name, role=role, query=query)
    TopicVersion.objects.create(topic=topic, number=1, query=query, made_by=by, why=why)
    _note(topic, by, "topic.made", _("Made the topic “%(name)s”: %(query)s"), why)
    count_up(topic.pk)
    return topic


@transaction.atomic
def change_topic(
    topic: Topic,
    *,
    name: str,
    role: str,
    query: str,
    by: Person | None,
    why: str = "",
    restores: int | None = None,
) -> Topic:
    """A new version if the query differs; name and role alone make none. Two who save at once get a version each."""
    held = Topic.objects.select_for_update().get(pk=topic.pk)
    said = []
    if held.name != name:
        said.append(_("is now called “%(name)s”") % {"name": name})
    if held.role != role:
        said.append(_("is now %(role)s") % {"role": Topic.Role(role).label})
    was, held.name, held.role = held.name, name, role
    fields = ["name", "role"]
    if held.query != query:
        held.query, held.version = query, held.version + 1
        held.applying_done = held.applying_of = None
        fields += ["query", "version", "applying_done", "applying_of"]
        TopicVersion.objects.create(
            topic=held, number=held.version, query=query, made_by=by, why=why, restores=restores
        )
        if restores is None:
            said.append(_("has version %(n)d: %(query)s") % {"n": held.version, "query": query})
        else:
            words = _("has version %(n)d, which brings back version %(old)d: %(query)s")
            said.append(words % {"n": held.version, "old": restores, "query": query})
    held.save(update_fields=fields)
    if said:
        words = _("The topic “%(topic)s” %(changes)s") % {"topic": was, "changes": "; ".join(said)}
        note_strategy(held.mission, by, words, why, address_of(held), kind="topic.changed")
    count_up(held.pk)
    return held


@transaction.atomic
def restore_version(topic: Topic, number: int, *, by: Person | None, why: str = "") -> Topic:
    """Bring back an earlier version's query as a new version: history only grows. Raises TopicVersion.DoesNotExist."""
    held = Topic.objects.select_for_update().get(pk=topic.pk)
    earlier = held.versions.get(number=number)
    return change_topic(
        held, name=held.name, role=held.role, query=earlier.query, by=by, why=why, restores=earlier.number
    )


@transaction.atomic
def switch_topic(topic: Topic, *, on: bool, by: Person | None = None, why: str = "") -> None:
    """Listen or stop listening. What was found stays; what comes while it is off is not found later."""
    if Topic.objects.filter(pk=topic.pk).exclude(is_on=on).update(is_on=on):
        topic.is_on = on
        said = _("Switched the topic “%(name)s” on") if on else _("Switched the topic “%(name)s” off")
        _note(topic, by, "topic.switched", said, why)
        count_up(topic.pk)


@transaction.atomic
def remove_topic(topic: Topic, *, by: Person | None, why: str = "") -> None:
    """Stop listening, take its mentions away in the background (posts that no other topic holds go with them), then
    its row. Can't be undone. Its name is free again at once."""
    now = timezone.now()
    gone_name = f"{topic.name[:360]} ({now:%Y-%m-%d %H:%M:%S.%f})"
    if Topic.objects.filter(pk=topic.pk, removed_at=None).update(removed_at=now, is_on=False, name=gone_name):
        _note(topic, by, "topic.removed", _("Removed the topic “%(name)s”: %(query)s"), why, link="")
        count_up(topic.pk)
        publish(f"mission:{topic.mission_id}", {"removed": topic.pk})


def address_of(topic: Topic) -> str:
    """The topic's own page."""
    return reverse("topic", args=[topic.mission.slug, topic.pk])


def _note(topic: Topic, by: Person | None, kind: str, said: str, why: str, link: str | None = None) -> None:
    words = said % {"name": topic.name, "query": topic.query}
    note_strategy(topic.mission, by, words, why, address_of(topic) if link is None else link, kind=kind)

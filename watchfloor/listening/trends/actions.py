"""What people do about an offered term: one transaction each, in the strategy log, announced on commit."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.listening.actions import address_of
from watchfloor.listening.models import EmergingTerm, Topic
from watchfloor.live.announce import publish
from watchfloor.sources.look_back import look_back
from watchfloor.team.models import Person
from watchfloor.team.strategy import note_strategy

State = EmergingTerm.State
LOOK_BACK_BEFORE = timedelta(hours=3)  # a term is seen in our posts some time after it began elsewhere


@transaction.atomic
def ignore_term(term: EmergingTerm, *, by: Person | None, why: str = "") -> None:
    """Offer it no more, however it rises. Remembered until somebody offers it again."""
    if _move(term, State.IGNORED, by):
        link = f"{reverse('emerging', args=[term.mission.slug])}?show=ignored"
        note_strategy(term.mission, by, _("Ignored “%(term)s”") % {"term": term.shown}, why, link, kind="term.ignored")


@transaction.atomic
def offer_term_again(term: EmergingTerm, *, by: Person | None, why: str = "") -> None:
    """Undo ignoring or adding: the term is offered as before."""
    if _move(term, State.OFFERED, by):
        said = _("Offered “%(term)s” again") % {"term": term.shown}
        note_strategy(term.mission, by, said, why, reverse("emerging", args=[term.mission.slug]), kind="term.offered")


@transaction.atomic
def note_added(term: EmergingTerm, topic: Topic, *, by: Person | None) -> None:
    """A topic listens to it from now on, and to what has passed where sources can go back: posts that held this term
    alone were not kept. The topic's own change stands in the log already, with its why."""
    if _move(term, State.ADDED, by, topic):
        look_back(term.mission, since=term.first_seen_at - LOOK_BACK_BEFORE, by=by)
        said = _("Took “%(term)s” into the topic “%(topic)s”") % {"term": term.shown, "topic": topic.name}
        note_strategy(term.mission, by, said, "", address_of(topic), kind="term.added")


def _move(term: EmergingTerm, state: str, by: Person | None, topic: Topic | None = None) -> bool:
    """Whether this call changed it: two who click at once note it once."""
    now = timezone.now()
    held = EmergingTerm.objects.filter(pk=term.pk).exclude(state=state)
    if not held.update(state=state, state_by=by, state_at=now, topic=topic):
        return False
    term.state, term.state_by, term.state_at, term.topic = state, by, now, topic
    publish(f"mission:{term.mission_id}", {"event": "emerging", "changed": term.pk, "state": state})
    return True

"""The desk process: work that the clock or a change asks for. One thread does the duties in turn, each in short
transactions, so that the stream's writer never waits long."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import timedelta
from time import monotonic
from types import FrameType

from django.db import close_old_connections, connections, transaction
from django.utils import timezone

from watchfloor.live.models import Announcement
from watchfloor.mentions.actions import purge_removed_words
from watchfloor.mentions.emerging_watch import Watch
from watchfloor.mentions.labels.again import label_again
from watchfloor.mentions.labels.refit import LearnFromPeople
from watchfloor.mentions.rules import apply_rules_to_stored_posts, mark_arrivals
from watchfloor.mentions.store.store import mention_store
from watchfloor.pipeline.apply import Applying
from watchfloor.pipeline.authors import WhoWrote
from watchfloor.pipeline.duty import Duty, brought
from watchfloor.pipeline.models import beat
from watchfloor.team.levels import effects
from watchfloor.team.models import Mission

log = logging.getLogger(__name__)

ANNOUNCEMENTS_LAST = timedelta(minutes=10)


def beat_for_the_desk() -> bool:
    beat("desk", os.getpid())
    return False


def keep_only_what_missions_keep() -> bool:
    """Retention: drop posts that are older than their mission keeps them. In a crisis it waits (team/levels.py)."""
    more = False
    for mission in Mission.objects.exclude(keep_days=None):
        assert mission.keep_days is not None
        if effects(mission).keeps_everything:
            continue
        instant = timezone.now() - timedelta(days=mission.keep_days)
        with transaction.atomic():
            more |= mention_store().remove_before(mission.pk, instant) > 0
    return more


def purge_words_of_removed_posts() -> bool:
    """The text index keeps the words of removed posts until the part they stand in is rewritten."""
    purge_removed_words()
    return False


def prune() -> bool:
    Announcement.objects.filter(at__lt=timezone.now() - ANNOUNCEMENTS_LAST).delete()
    with transaction.atomic():
        mention_store().prune_tombstones(timezone.now())
    return False


def duties() -> list[Duty]:
    return [
        Duty(beat_for_the_desk, timedelta(seconds=5)),
        Duty(Applying().apply_changed_topics, timedelta(seconds=1)),
        Duty(WhoWrote().tell_who_wrote, timedelta(seconds=1)),
        Duty(Watch().look_for_emerging_terms, timedelta(seconds=2)),
        Duty(mark_arrivals, timedelta(seconds=0.5)),
        Duty(apply_rules_to_stored_posts, timedelta(seconds=1)),
        Duty(label_again, timedelta(seconds=1)),
        Duty(LearnFromPeople().learn_from_people, timedelta(seconds=5)),
        Duty(keep_only_what_missions_keep, timedelta(minutes=10)),
        Duty(prune, timedelta(minutes=1)),
        Duty(purge_words_of_removed_posts, timedelta(days=1), next_at=monotonic() + 3600),
        *brought(),
    ]


def main() -> None:
    """Do the duties until SIGTERM or SIGINT."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    todo = duties()
    while not stopping.is_set():
        for duty in todo:
            if monotonic() >= duty.next_at and not stopping.is_set():
                duty.next_at = monotonic() + (0 if _do(duty) else duty.every.total_seconds())
        stopping.wait(0.25)
    connections.close_all()


def _do(duty: Duty) -> bool:
    close_old_connections()
    try:
        return duty.do()
    except Exception:
        # The outermost loop: one duty that fails must not end the others; it is tried again in its turn.
        log.exception("A duty failed and is tried again in its turn", extra={"duty": duty.do.__name__})
        return False

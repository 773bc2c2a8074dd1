"""Messages from the door to the stream. A message is kept once, in the order of commits, before it is answered. The
stream takes it with the batch that its posts make; the cursor of that batch says up to which number all is taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from watchfloor.live.announce import publish
from watchfloor.sources.source import Deleted, Event
from watchfloor.sources.webhook.models import Delivery, Hook, Refusal

KEPT = timedelta(days=30)  # how long an id is remembered; senders try again for days


@transaction.atomic
def keep(hook: Hook, message_id: str, body: bytes, events: list[Event]) -> bool:
    """Put a message into the inbox. False if it is there, or was: nothing is doubled."""
    # The lock lets one message of a hook in at a time, so that numbers are committed in their order and no later one
    # is taken before an earlier one shows.
    held = Hook.objects.select_for_update().get(pk=hook.pk)
    if Delivery.objects.filter(hook=held, message_id=message_id).update(repeated=F("repeated") + 1):
        return False
    deleted = sum(isinstance(event, Deleted) for event in events)
    Delivery.objects.create(
        hook=held,
        number=held.last_number + 1,
        message_id=message_id,
        received_at=timezone.now(),
        posts=len(events) - deleted,
        deleted=deleted,
        body=body,
    )
    Hook.objects.filter(pk=held.pk).update(last_number=held.last_number + 1)
    publish(channel(held.token), {})
    return True


def count_refusal(hook: Hook, status: int, why: str) -> None:
    """At most one write a second and status: whoever knows an address can't keep the store busy."""
    if not cache.add(f"hook-refused:{hook.pk}:{status}", 1, 1):
        return
    with transaction.atomic():
        told = {"why": why[:500], "last_at": timezone.now()}
        refusal, is_new = Refusal.objects.get_or_create(hook=hook, status=status, defaults=told)
        if not is_new:
            Refusal.objects.filter(pk=refusal.pk).update(times=F("times") + 1, **told)


def waiting(token: str, after: int, *, at_most: int) -> list[tuple[int, bytes]]:
    """(number, body) of what came after number `after`, in order."""
    rows = Delivery.objects.filter(hook_id=token, number__gt=after, body__isnull=False).order_by("number")
    return [(number, bytes(body or b"")) for number, body in rows.values_list("number", "body")[:at_most]]


def clear(token: str, now: datetime) -> None:
    """Drop bodies that were taken for good, and ids that nobody sends any more."""
    cursor = Hook.objects.filter(pk=token).values_list("connection__cursor", flat=True).first()
    taken = number_of(cursor)
    rows = Delivery.objects.filter(hook_id=token, number__lte=taken)
    rows.filter(body__isnull=False).update(body=None)
    rows.filter(received_at__lt=now - KEPT).delete()


def number_of(cursor: str | None) -> int:
    """The number that a cursor says is taken."""
    return int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else 0


def channel(token: str) -> str:
    return f"hook:{token}"

"""The webhook source: what was sent to its address, taken from the inbox into the line."""

from __future__ import annotations

import asyncio
import secrets as random_secrets
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.db import connections
from django.utils import timezone

from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.source import (
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
    SecretField,
    Unreadable,
)
from watchfloor.sources.webhook.body import Misread, read_body
from watchfloor.sources.webhook.settings import WebhookSettings
from watchfloor.sources.webhook.signing import new_secret

if TYPE_CHECKING:
    from watchfloor.sources.models import Connection

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
AT_ONCE = 50  # messages
LOOK_AGAIN_SECONDS = 30.0  # although announcements tell of what comes
CLEAR_EVERY = timedelta(minutes=10)
SECRET, EARLIER = "secret", "earlier"


class Webhook(ReadOnly):
    name = "webhook"
    no_reply = ("Nothing was sent: a webhook only receives", "Answer on the network that the post came from.")
    settings_type = WebhookSettings
    facts = Facts(
        title="Webhook",
        networks=(),
        terms="What you may do with its posts depends on where they come from.",
        limits="Other programs send posts here, signed by Standard Webhooks; at most 1 MB and 1,000 posts a message.",
        cannot_tell=(),
        rhythm=timedelta(days=1),
        follows_edits=True,
        follows_deletions=True,
        secrets=(
            SecretField(
                SECRET,
                "Signing secret",
                "Leave it empty to have one made, or paste the one that the sender shows you (whsec_…).",
                pattern=r"(whsec_)?[A-Za-z0-9+/]{22,684}={0,2}",
            ),
        ),
        letters="Wh",
        shape="page",
    )

    async def listen(
        self, settings: WebhookSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncIterator[Batch]:
        """What came, in the order it came; an empty batch while nothing does. Raises NeedsHands without a secret."""
        from watchfloor.live.reader import Hub, Overflow
        from watchfloor.sources.webhook import inbox

        if not settings.token or not secrets.get(SECRET):
            raise NeedsHands("Nothing can be received", "the webhook's address", "Make a signing secret on its page.")
        taken = inbox.number_of(cursor)
        hub = await asyncio.to_thread(Hub.of_this_process)
        cleared_at = None
        with hub.subscribe(inbox.channel(settings.token)) as changes:
            while True:
                now = timezone.now()
                if cleared_at is None or now - cleared_at >= CLEAR_EVERY:
                    await _beside(inbox.clear, settings.token, now)
                    cleared_at = now
                came = await _beside(inbox.waiting, settings.token, taken, at_most=AT_ONCE)
                events = [event for _number, body in came for event in _read(body, settings.networks)]
                taken = came[-1][0] if came else taken
                yield Batch(events, cursor=str(taken), lag=timedelta(0))
                if len(came) < AT_ONCE:
                    try:
                        await changes.next(LOOK_AGAIN_SECONDS)
                    except Overflow:
                        continue

    def parse(self, raw: bytes) -> list[Event]:
        return _read(raw, ())

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return cursor  # an inbox of our own: there is one clock

    async def check(self, settings: WebhookSettings, *, secrets: Mapping[str, str]) -> Checked:
        """Whether the address is open; what came to it last. Asks nobody."""
        if not settings.token:
            return Checked("Nothing to try yet: the address and its secret are made when you connect it.")
        if not secrets.get(SECRET):
            raise NeedsHands("Looked for a signing secret", "this connection", "Make one on its page.")
        return await _beside(_how_it_stands, settings.token)

    def cost(self, settings: WebhookSettings) -> Cost:
        return Cost(requests_per_hour=0, money_per_1000_posts=0, note="Nobody is asked: posts are sent to this server.")

    def make(self, connection: Connection) -> None:
        """Give a new connection its address, and a secret if it has none. Part of the transaction that makes it."""
        from watchfloor.sources.webhook.models import Hook

        token = random_secrets.token_urlsafe(24)
        connection.settings = {**connection.settings, "token": token}
        if not connection.secrets.get(SECRET):
            connection.seal({SECRET: new_secret()})
        connection.save(update_fields=["settings", "sealed_secrets"])
        Hook.objects.create(token=token, connection=connection)


async def _beside(work: Callable[Asked, Answer], *args: Asked.args, **more: Asked.kwargs) -> Answer:
    """Ask the store in a thread, and leave no connection to it open there: any of the loop's threads may be taken."""

    def done() -> Answer:
        try:
            return work(*args, **more)
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


def _read(body: bytes, networks: tuple[str, ...]) -> list[Event]:
    try:
        return read_body(body, networks)
    except Misread as error:
        # Read when it came. What its connection may name can have been changed since.
        return [Unreadable(str(error), body[:200])]


def _how_it_stands(token: str) -> Checked:
    from watchfloor.lib.spans import short_span
    from watchfloor.sources.webhook.models import Delivery

    last = Delivery.objects.filter(hook_id=token).order_by("-number").first()
    if last is None:
        return Checked("The address is open; nothing has come yet. Send the example below to try it.")
    ago = short_span(timezone.now() - last.received_at)
    return Checked("The address is open.", {"Last message": f"{ago} ago", "Its posts": str(last.posts)})


SOURCE = Webhook()

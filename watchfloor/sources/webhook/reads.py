"""What the page of a webhook connection shows: its address, how to send to it, what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from watchfloor.lib.secrets import CannotOpen
from watchfloor.sources.models import Connection
from watchfloor.sources.webhook.inbox import number_of
from watchfloor.sources.webhook.models import Delivery, Hook, Refusal
from watchfloor.sources.webhook.source import EARLIER, SECRET

LAST = 12

EXAMPLE = """\
url={address}
secret=whsec_…  # the signing secret
id=msg_$(date +%s%N); now=$(date +%s)
body='{{"network": "{network}", "id": "1", "text": "Hello", "created_at": "'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"}}'
key=$(printf %s "${{secret#whsec_}}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
signed=$(printf %s "$id.$now.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)
curl -X POST "$url" -H 'content-type: application/json' -H "webhook-id: $id" \\
  -H "webhook-timestamp: $now" -H "webhook-signature: v1,$signed" --data-binary "$body"
"""


@dataclass(frozen=True)
class Came:
    delivery: Delivery
    is_taken: bool


@dataclass(frozen=True)
class HookPage:
    """`can_open` False: its secrets were sealed with another key."""

    address: str
    is_public: bool
    has_secret: bool
    has_earlier: bool
    can_open: bool
    example: str
    came: Sequence[Came]
    refusals: Sequence[Refusal]


def hook_page(connection: Connection, request: HttpRequest) -> HookPage | None:
    """None for a connection that is no webhook."""
    hook = Hook.objects.filter(connection=connection).first() if connection.source == "webhook" else None
    if hook is None:
        return None
    path = reverse("hook", args=[hook.token])
    address = f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)
    try:
        secrets, can_open = connection.secrets, True
    except CannotOpen:
        secrets, can_open = {}, False
    taken = number_of(connection.cursor)
    last = Delivery.objects.filter(hook=hook).defer("body").order_by("-number")[:LAST]
    networks = connection.settings.get("networks") or ["web"]
    return HookPage(
        address=address,
        is_public=bool(settings.PUBLIC_URL),
        has_secret=SECRET in secrets,
        has_earlier=EARLIER in secrets,
        can_open=can_open,
        example=EXAMPLE.format(address=address, network=networks[0]),
        came=[Came(delivery, delivery.number <= taken) for delivery in last],
        refusals=list(Refusal.objects.filter(hook=hook).order_by("-last_at")),
    )

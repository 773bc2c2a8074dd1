"""Sending to a webhook as another program does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import msgspec
from standardwebhooks.webhooks import Webhook

from watchfloor.sources import actions
from watchfloor.sources.webhook.source import SECRET

_numbers = itertools.count(1)


def connect(*, mission=None, networks=(), name="Forum"):
    return actions.add_connection(
        source="webhook", name=name, mission=mission, settings={"networks": list(networks)}, secrets={}
    )


def post(native_id="1", text="good coffee", **fields):
    return {"network": "forum", "id": native_id, "text": text, "created_at": "2026-07-04T12:00:00Z", **fields}


def send(client, connection, body, *, message_id=None, secret=None, headers=None, content_type="application/json"):
    """POST `body` (JSON, or bytes as they are), signed now."""
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    message_id = message_id or f"msg_{next(_numbers)}"
    now = datetime.now(UTC)
    signed = Webhook(secret or connection.secrets[SECRET])
    told = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed.sign(message_id, now, raw.decode("latin-1") if _is_text(raw) else "x"),
    }
    return client.post(
        f"/hooks/{connection.settings['token']}/", raw, content_type=content_type, headers={**told, **(headers or {})}
    )


def _is_text(raw):
    return raw.isascii()

"""Writing a reply so that it can't appear twice: every attempt carries the same `Idempotency-Key`.

1. Find the post that is answered on the account's own server (`search` with `resolve` fetches it there). 2. Post the
reply. The server keeps a key for an hour and answers a repeated one with the status that it made; after that, and after
an unclear answer, the account's newest statuses are looked through for the same text under the same post.

https://docs.joinmastodon.org/methods/statuses/#create
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import regex

from watchfloor.lib.guarded import GuardedError
from watchfloor.sources import told
from watchfloor.sources.mastodon.server import NotMastodon, Refused, Server, explained
from watchfloor.sources.source import CannotReply, Reply, Sent, TryAgain

OWN_STATUSES = 40
MOST_LOOKED_AT = 10  # replies of ours under the same post
_link = re.compile(r"https?://\S+")
_handle = re.compile(r"(?<![\w/])@([\w.-]+)@[\w.-]+\w")

Trouble = (GuardedError, Refused, NotMastodon)


async def send(reply: Reply, server: Server, visibility: str) -> Sent:
    """Write the reply, or find that it is written already. Raises SourceError; TryAgain may mean that it is not known
    whether it was written: `find` tells."""
    if not reply.text.strip():
        raise CannotReply("An empty reply can't be sent", server.name, "Write something.")
    answered = await _answered(reply, server)
    text = await _with_mention(reply.text, answered, server)
    body: dict[str, Any] = {
        "status": text,
        "in_reply_to_id": answered["id"],
        # Nobody's thread is made more public than they made it.
        "visibility": "unlisted" if told.text(answered, "visibility") == "unlisted" else visibility,
    }
    if reply.lang:
        body["language"] = reply.lang.partition("-")[0].lower()
    try:
        await _check_length(text, server)
        made = await server.post("/api/v1/statuses", body, key=idempotency_key(reply.key))
        return _sent(made)
    except Refused as error:
        if error.status == 422:
            raise CannotReply(f"Mastodon refused the reply ({error})", server.name, "Change it and send it.") from error
        raise explained(error, "The reply", server.name) from error
    except (GuardedError, NotMastodon) as error:
        try:
            sent = await find(reply, server)
        except TryAgain:
            sent = None
        if sent is not None:
            return sent
        raise explained(error, "The reply", server.name) from error


async def find(reply: Reply, server: Server) -> Sent | None:
    """Our status with this text under this post, None if there is none among our newest. Raises SourceError."""
    answered = await _answered(reply, server)
    text = await _with_mention(reply.text, answered, server)
    try:
        me = await server.get("/api/v1/accounts/verify_credentials")
        number = told.name(me, "id") if isinstance(me, dict) else None
        if number is None:
            raise NotMastodon(f"{server.name} does not say whose token it is.")
        mine = await server.get(f"/api/v1/accounts/{number}/statuses", limit=str(OWN_STATUSES), exclude_reblogs="true")
        under = [
            status
            for status in (mine if isinstance(mine, list) else [])
            if isinstance(status, dict) and told.name(status, "in_reply_to_id") == answered["id"]
        ]
        for status in under[:MOST_LOOKED_AT]:
            source = await server.get(f"/api/v1/statuses/{_plain(told.name(status, 'id'))}/source")
            if isinstance(source, dict) and told.text(source, "text") == text:
                return _sent(status)
    except Trouble as error:
        raise explained(error, "Looking for the reply", server.name) from error
    return None


def idempotency_key(key: str) -> str:
    """Any key as one that fits into a header."""
    return hashlib.sha256(key.encode()).hexdigest()


async def _answered(reply: Reply, server: Server) -> told.Object:
    """The status that is answered, as the account's own server knows it. Raises SourceError."""
    if not reply.to.startswith(("https://", "http://")):
        raise CannotReply("This is no Mastodon post", reply.to[:200], "Reply to a post.")
    try:
        found = await server.get("/api/v2/search", q=reply.to, type="statuses", resolve="true", limit="5")
    except Trouble as error:
        raise explained(error, "Finding the post that is answered", server.name) from error
    statuses = told.parts(found, "statuses") if isinstance(found, dict) else []
    for status in statuses:
        if reply.to in (told.text(status, "uri"), told.text(status, "url")) and told.name(status, "id"):
            return status | {"id": told.name(status, "id")}
    raise CannotReply(
        "The account's server can't find the post that is answered", reply.to[:200], "See whether it was deleted."
    )


async def _with_mention(text: str, answered: told.Object, server: Server) -> str:
    """The author hears of a reply only if it names them."""
    acct = told.text(told.part(answered, "account"), "acct")
    try:
        domain = (await server.about()).domain
    except Trouble as error:
        raise explained(error, "The reply", server.name) from error
    if acct is None:
        return text
    full = acct if "@" in acct else f"{acct}@{domain}"
    for name in {acct, full}:
        if re.search(rf"(?<![\w@/])@{re.escape(name)}(?![\w@-])", text, re.IGNORECASE):
            return text
    return f"@{acct} {text}"


async def _check_length(text: str, server: Server) -> None:
    about = await server.about()
    length = length_of(text, about.characters_per_link)
    if length > about.most_characters:
        raise CannotReply(
            f"The reply has {length} characters", server.name, f"Shorten it to {about.most_characters} characters."
        )


def length_of(text: str, per_link: int) -> int:
    """As Mastodon counts: a link is as long as every other, of a mention only the name counts."""
    text = _handle.sub(r"@\1", _link.sub("x" * per_link, text))
    return len(regex.findall(r"\X", text))


def _sent(status: Any) -> Sent:
    if not isinstance(status, dict) or not (uri := told.text(status, "uri")):
        raise NotMastodon("the answer to the reply is no status")
    return Sent(uri, told.text(status, "url"))


def _plain(number: str | None) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", number or "")[:64]

"""What a post tells about itself beside its words, as the fields of a query ask for it.

Used by the evaluator on the stream, and by a store that keeps the same facts in columns.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from watchfloor.listening.language.characters import LINK, fold_name
from watchfloor.listening.language.fields import fold_link, host_of
from watchfloor.listening.language.tokens import Tokens, first_word
from watchfloor.sources.post import Author, Post

EMPTY_POST = Post(network="", id="", text="", created_at=datetime(1970, 1, 1, tzinfo=UTC))


def links(post: Post, tokens: Tokens) -> list[str]:
    """Return every link: those the network names and those written in title and text."""
    return [link for link in post.links if link] + tokens.links


def folded_links(post: Post, tokens: Tokens) -> list[str]:
    """Return the links as `link:` compares them."""
    return [fold_link(link) for link in links(post, tokens)]


def hosts(post: Post, tokens: Tokens) -> set[str]:
    """Return the hosts of the post's own address and its links, folded; `site:` also finds what is below them."""
    addresses = [post.url, *links(post, tokens)] if post.url else links(post, tokens)
    found = {host_of(address) for address in addresses}
    found.discard("")
    return found


def author_names(author: Author) -> set[str]:
    """Return everything that `author:` finds this author by: handle, its first word, display name; all folded."""
    names: set[str] = set()
    if author.handle:
        handle = author.handle.strip().lstrip("@＠")
        names |= {fold_name(handle), fold_name(first_word(handle))}
    if author.name:
        names.add(fold_name(author.name).removeprefix("@"))
    names.discard("")
    return names


def kinds(post: Post) -> set[str]:
    """Return what `is:` finds the post by."""
    told = {"reply": post.reply_to, "repost": post.repost_of, "quote": post.quote_of}
    return {kind for kind, of in told.items() if of is not None} or {"original"}


def language(post: Post) -> str | None:
    """Return the language the post declares, as `lang:` compares it; None if it declares none."""
    return post.lang.lower().replace("_", "-") if post.lang else None


def contents(post: Post, tokens: Tokens) -> set[str]:
    """Return what `has:` finds in the post."""
    found = {f"{media.kind}" for media in post.media if media.kind in ("photo", "video")}
    if post.media:
        found.add("media")
    if post.links or tokens.links:
        found.add("link")
    for other in tokens.others:
        if other.kind == "hashtag":
            found.add("hashtag")
        elif other.kind == "handle":
            found.add("mention")
    if tokens.pictures:
        found.add("emoji")
    if asks(post.title) or asks(post.text):
        found.add("question")
    return found


def asks(text: str | None) -> bool:
    """Whether a question mark stands outside links. U+037E is looked for as written: NFC makes a semicolon of it."""
    if not text or not _QUESTION.search(text):
        return False
    return bool(_QUESTION.search(LINK.sub("", text)))


_QUESTION = re.compile("[?？؟\u037e]")

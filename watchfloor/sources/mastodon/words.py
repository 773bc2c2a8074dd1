"""A Mastodon status' HTML → the text that a person reads, and its links.

Links become their whole address (the page shows a shortened one), mentions `@user@host` as the status names them,
hashtags `#tag`; paragraphs are parted by an empty line. Custom emoji keep their `:shortcode:`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple

import nh3

from watchfloor.lib.html_text import Lines, read_attributes

_BLOCKS = {"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"}
_KEPT = _BLOCKS | {"br", "li", "a", "span", "img"}
_ATTRIBUTES = {"a": {"href", "class"}, "p": {"class"}, "span": {"class"}, "img": {"alt"}}

# What nh3 hands out is well formed and has no < or > in attributes or text, so that these can't run away.
_piece = re.compile(r"<(/?)([a-z0-9]+)([^<>]*)>|([^<]+)")


class Words(NamedTuple):
    text: str
    links: list[str]


def words(content: str, mentions: Mapping[str, str], hashtags: set[str], *, is_quote: bool = False) -> Words:
    """The text of `content`, and the addresses it links to (mentions and hashtags are no links).

    `mentions` are accounts (`ana@host`) by their address; `hashtags` names in small letters. With `is_quote` the
    paragraph that repeats the quoted post's address for older readers is left out.
    """
    clean = nh3.clean(
        content,
        tags=_KEPT,
        attributes=_ATTRIBUTES,
        clean_content_tags={"script", "style"},
        link_rel=None,
        strip_comments=True,
    )
    out = Lines()
    links: list[str] = []
    anchor: Lines | None = None
    href, classes = "", ""
    fallback: str | None = None  # the tag of the quote's fallback while inside it
    for closing, tag, attributes, run in _piece.findall(clean):
        if fallback is not None:
            if closing and tag == fallback:
                fallback = None
            continue
        into = anchor if anchor is not None else out
        if run:
            into.say(html.unescape(run))
        elif tag == "a" and not closing:
            told = read_attributes(attributes)
            href, classes, anchor = told.get("href", ""), told.get("class", ""), Lines()
        elif tag == "a" and anchor is not None:
            out.say(_anchor(anchor.text(), href, classes, mentions, hashtags, links))
            anchor = None
        elif tag == "img":
            into.say(read_attributes(attributes).get("alt", ""))
        elif tag == "br":
            into.break_line(1)
        elif tag == "li":
            into.break_line(0 if closing else 1)
        elif tag in _BLOCKS:
            into.break_line(2)
            into.is_pre = tag == "pre" and not closing
        if is_quote and not closing and "quote-inline" in attributes:
            fallback = tag
    return Words(out.text(), links)


def _anchor(
    shown: str, href: str, classes: str, mentions: Mapping[str, str], hashtags: set[str], links: list[str]
) -> str:
    kinds = classes.split()
    if shown[:1] in ("#", "＃") and ("hashtag" in kinds or shown[1:].casefold() in hashtags):
        return shown
    if account := mentions.get(href):
        return f"@{account}"
    if "mention" in kinds and shown[:1] in ("@", "＠"):
        return shown
    if href[:8].lower().startswith(("http://", "https://")):
        links.append(href)
        return href if _is_shortened(shown, href) else f"{shown} {href}"
    return shown


def _is_shortened(shown: str, href: str) -> bool:
    """Whether the words of a link are only (the start of) its address."""
    start = shown.rstrip("…").removesuffix("...").lower()
    return start in href.lower() or not shown

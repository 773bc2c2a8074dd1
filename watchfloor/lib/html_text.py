"""HTML from outside → the text that a person reads, its links and its pictures.

Everything goes through nh3 first: what it hands out is well formed and has no < or > in attributes or text, so that the
expressions here can't run away. Paragraphs are parted by an empty line, lines by a break; links keep their words.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import urljoin

import nh3

LONGEST_HTML = 400_000  # characters; what follows is not read
DEEPEST = 500  # elements in one another: an HTML parser's work grows with the square of it
BLOCKS = {
    "p", "div", "blockquote", "pre", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section",
    "article", "header", "footer", "figure", "figcaption", "hr",
}  # fmt: skip
LINES = {"li", "tr", "dt", "dd"}
_KEPT = BLOCKS | LINES | {"br", "a", "img", "td", "th"}
_ATTRIBUTES = {"a": {"href"}, "img": {"alt", "src"}}
_UNREAD = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "form"}

_piece = re.compile(r"<(/?)([a-z0-9]+)([^<>]*)>|([^<]+)")
_attribute = re.compile(r'([a-z]+)="([^"]*)"')
_space = re.compile(r"[ \t\r\n\f]+")


class Picture(NamedTuple):
    url: str
    alt: str | None


class HtmlRead(NamedTuple):
    text: str
    links: list[str]
    pictures: list[Picture]


def read_html(content: str, base: str = "") -> HtmlRead:
    """The text of `content`. Links and pictures are whole http(s) addresses, relative ones taken from `base`."""
    clean = nh3.clean(
        _shallow(content[:LONGEST_HTML]),
        tags=_KEPT,
        attributes=_ATTRIBUTES,
        clean_content_tags=_UNREAD,
        link_rel=None,
        strip_comments=True,
    )
    out, links, pictures = Lines(), [], []
    for closing, tag, attributes, run in _piece.findall(clean):
        if run:
            out.say(html.unescape(run))
        elif tag == "a":
            if not closing and (href := web_address(read_attributes(attributes).get("href"), base)):
                links.append(href)
        elif tag == "img":
            told = read_attributes(attributes)
            if src := web_address(told.get("src"), base):
                pictures.append(Picture(src, told.get("alt", "").strip() or None))
        elif tag == "br":
            out.break_line(1)
        elif tag in LINES:
            out.break_line(0 if closing else 1)
        elif tag in ("td", "th"):
            out.say(" ")
        elif tag in BLOCKS:
            out.break_line(2)
            out.is_pre = tag == "pre" and not closing
    return HtmlRead(out.text(), links, pictures)


_tag = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNCLOSED = {"br", "img", "hr", "input", "meta", "link", "p", "li", "td", "th", "tr", "dt", "dd", "option"}


def _shallow(content: str) -> str:
    """`content` up to where it is nested more deeply than any text is."""
    if content.count("<") <= DEEPEST:
        return content
    depth = 0
    for found in _tag.finditer(content):
        if found[2].lower() not in _UNCLOSED:
            depth = max(0, depth - 1) if found[1] else depth + 1
            if depth > DEEPEST:
                return content[: found.start()]
    return content


def web_address(written: object, base: str = "") -> str | None:
    """The whole http(s) address that `written` means on a page at `base`; None if it is none."""
    if not isinstance(written, str) or not (written := written.strip()) or len(written) > 4_096:
        return None
    try:
        whole = urljoin(base, written)
    except ValueError:
        return None
    is_web = whole[:8].lower().startswith(("http://", "https://")) and len(whole) <= 4_096
    return whole if is_web and not any(sign.isspace() for sign in whole) else None


def read_attributes(written: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _attribute.findall(written)}


class Lines:
    """Text being put together: breaks are owed until something is said after them."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.owed = 0
        self.is_pre = False

    def say(self, run: str) -> None:
        if not self.is_pre:
            run = _space.sub(" ", run)
            is_first = bool(self.owed) or not self.said
            if is_first:
                run = run.lstrip(" ")
        if not run:
            return
        if self.owed and self.said:
            self.said[-1] = self.said[-1].rstrip(" ")
            self.said.append("\n" * min(self.owed, 2))
        elif run[:1] == " " and self.said and self.said[-1][-1:] == " ":
            run = run.lstrip(" ")
        self.owed = 0
        self.said.append(run)

    def break_line(self, lines: int) -> None:
        # Two paragraphs' ends make one empty line; two <br> make one as well.
        self.owed = max(self.owed, lines) if lines == 2 else self.owed + lines

    def text(self) -> str:
        return "".join(self.said).strip()

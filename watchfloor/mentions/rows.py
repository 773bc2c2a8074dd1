"""Mentions as pages show them: words cut into found and other pieces, links that are safe, times.

A row looks the same to everyone who asks with the same query in the same time zone, so it is made once per change and
kept: key is the post, its edit and label state, its marks, the query and the zone. How long ago it was, and who
corrected it ("you"), is filled in each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from watchfloor.lib.kept import Kept
from watchfloor.lib.spans import short_span
from watchfloor.listening.language.tree import Query
from watchfloor.mentions.found import found_in
from watchfloor.mentions.labels.people import Said, said_of
from watchfloor.mentions.marks_reads import Carried, marks_of
from watchfloor.mentions.store.store import StoredPost
from watchfloor.sources.post import Author
from watchfloor.team.models import Mission, Person

KEPT_ROWS = 5_000
LONGEST_IN_LIST = 1_200  # characters of a post's text; the rest is in its details
LOW_CONFIDENCE = 0.6
LONGEST_WHO = 40
AGO, SAID = "<!--ago-->", "<!--said-->"


@dataclass(frozen=True)
class Piece:
    text: str
    is_found: bool


@dataclass(frozen=True)
class Row:
    id: int
    html: SafeString


_kept: Kept[str] = Kept(KEPT_ROWS)


@dataclass(frozen=True)
class Reasons:
    """Whose words are marked in a post: those of the typed query, else those of the topics that found it."""

    typed: Query | None = None
    by_topic: Mapping[int, Query] = field(default_factory=dict)

    def of(self, post: StoredPost) -> list[Query]:
        if self.typed:
            return [self.typed]
        return [self.by_topic[pk] for pk in post.topics if pk in self.by_topic]


@dataclass(frozen=True)
class Added:
    """What people and rules added to the posts of a page, and who looks at it."""

    marks: Mapping[int, tuple[Carried, ...]] = field(default_factory=dict)
    said: Mapping[int, Mapping[str, Said]] = field(default_factory=dict)
    viewer: int | None = None


NOTHING = Added()


def added_to(mission: Mission, posts: Sequence[StoredPost], viewer: Person) -> Added:
    """Marks and people's words of these posts. Three queries."""
    ids = [post.id for post in posts]
    return Added(marks_of(mission, ids), said_of(mission, ids), viewer.pk) if ids else NOTHING


def rows(posts: Sequence[StoredPost], reasons: Reasons, slug: str, now: datetime, added: Added = NOTHING) -> list[Row]:
    """One rendered row a post, in the order given."""
    seen_with = (slug, timezone.get_current_timezone_name(), translation.get_language())
    return [_row(post, reasons.of(post), slug, now, added, seen_with) for post in posts]


def _row(
    post: StoredPost, queries: list[Query], slug: str, now: datetime, added: Added, seen_with: tuple[Any, ...]
) -> Row:
    # The post itself is part of the key: the number of a deleted one may be given to another.
    labels = (post.sentiment, post.sentiment_by, post.sentiment_confidence, post.language, post.date_doubt)
    texts = tuple(query.text for query in queries)
    marks = added.marks.get(post.id, ())
    said = added.said.get(post.id, {}).get("sentiment")
    key = (post.id, post.post, post.edited_at, labels, texts, marks, said is not None, *seen_with)
    html = _kept.get(key, lambda: _html(post, queries, slug, marks, said is not None))
    who = said_words(said, now, added.viewer) if said else ""
    html = html.replace(AGO, _ago(post.at, now)).replace(SAID, escape(who))
    return Row(post.id, mark_safe(html))  # noqa: S308 - our template's own, and what people are called is escaped


def _html(post: StoredPost, queries: list[Query], slug: str, marks: tuple[Carried, ...], is_corrected: bool) -> str:
    context = {**shown(post, queries, LONGEST_IN_LIST), "slug": slug, "marks": marks, "is_corrected": is_corrected}
    return render_to_string("mentions/_mention.html", context)


def said_words(said: Said, now: datetime, viewer: int | None) -> str:
    """ "you, 4 min ago"; a person of another mission is "another team"."""
    ago = short_span(now - said.at)
    if said.person is not None and said.person == viewer:
        return _("you, %(ago)s ago") % {"ago": ago}
    who = said.by if len(said.by) <= LONGEST_WHO else f"{said.by[: LONGEST_WHO - 1]}…"
    return _("%(who)s, %(ago)s ago") % {"who": who or _("another team"), "ago": ago}


def shown(post: StoredPost, queries: list[Query], longest: int | None = None) -> dict[str, Any]:
    """What templates need of a post."""
    title, text = pieces(post, queries)
    return {
        "mention": post,
        "post": post.post,
        "title_pieces": title,
        "text_pieces": cut(text, longest) if longest else text,
        "is_cut": longest is not None and len(post.post.text) > longest,
        "name": name_of(post.post.author),
        "please_check": post.sentiment_confidence is not None and post.sentiment_confidence < LOW_CONFIDENCE,
        "seen_after": short_span(post.seen_at - post.post.created_at) if _is_plausible(post) else None,
        "ago": mark_safe(AGO),  # noqa: S308 - a constant
        "said": mark_safe(SAID),  # noqa: S308 - a constant
    }


def name_of(author: Author) -> str:
    """What the author is called; an account of which only the id is known goes by that, shortened. "" if unknown."""
    return author.name or author.handle or _short_id(author.id or "")


def followers_of(post: StoredPost) -> int | None:
    """As they were told with the post; else as they were told of the account since."""
    told = post.post.author.followers
    return post.followers_now if told is None else told


def _short_id(native_id: str) -> str:
    """`did:plc:6jai…bdi35`: both ends tell ids apart."""
    return native_id if len(native_id) <= 20 else f"{native_id[:12]}…{native_id[-5:]}"


def pieces(post: StoredPost, queries: list[Query]) -> tuple[list[Piece], list[Piece]]:
    """Title and text, cut where the queries' terms were found."""
    in_title, in_text = [], []
    for query in queries:
        title, text = found_in(query, post)
        in_title += title
        in_text += text
    return _split(post.post.title or "", in_title), _split(post.post.text, in_text)


def _split(text: str, spans: list[tuple[int, int]]) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        if start > at:
            found.append(Piece(text[at:start], False))
        found.append(Piece(text[start:end], True))
        at = end
    if at < len(text):
        found.append(Piece(text[at:], False))
    return found


def cut(text: list[Piece], longest: int) -> list[Piece]:
    """The first `longest` characters."""
    kept, left = [], longest
    for piece in text:
        if left <= 0:
            break
        kept.append(Piece(piece.text[:left], piece.is_found))
        left -= len(piece.text)
    return kept


def _is_plausible(post: StoredPost) -> bool:
    return post.date_doubt is None and timedelta(0) <= post.seen_at - post.post.created_at < timedelta(days=2)


def _ago(at: datetime, now: datetime) -> str:
    span = now - at
    return short_span(span) if span.days < 7 else timezone.localtime(at).strftime("%d %b %Y")


def found_words(post: StoredPost, query: Query) -> list[str]:
    """The different words that the query found, as they are written in the post."""
    title, text = pieces(post, [query])
    return list(dict.fromkeys(piece.text for piece in [*title, *text] if piece.is_found))

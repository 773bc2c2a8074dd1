"""What the word under the cursor may become: fields, their values, and hashtags, handles and words that stored posts of
the mission hold. Only the mission's own posts are looked at: what others hear is nobody's business here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from watchfloor.listening.language.characters import fold
from watchfloor.listening.language.fields import HAS, IS, SENTIMENTS
from watchfloor.listening.language.read import QueryError, read
from watchfloor.listening.language.tokens import cut
from watchfloor.listening.models import Topic
from watchfloor.mentions import reads
from watchfloor.mentions.marking import Mark
from watchfloor.team.models import Mission

LOOKED_AT = 300  # of the newest posts that hold a word which begins so
SHOWN = 8
FEWEST_CHARACTERS = 2
LONGEST_WORD = 60
FIELDS = {
    "network": gettext_lazy("where it was posted"),
    "lang": gettext_lazy("its language"),
    "author": gettext_lazy("who wrote it"),
    "site": gettext_lazy("links to a host"),
    "link": gettext_lazy("links that contain"),
    "has": gettext_lazy("what it has"),
    "is": gettext_lazy("what it is"),
    "followers": gettext_lazy("of the author"),
    "engagement": gettext_lazy("likes, reposts, replies, quotes"),
    "sentiment": gettext_lazy("as labelled"),
}
FIXED = {"has": HAS, "is": IS, "sentiment": SENTIMENTS}
PAGE_FILTERS = {"tag": Mark.Kind.TAG, "category": Mark.Kind.CATEGORY}  # no fields of the language


@dataclass(frozen=True)
class Item:
    """`insert` takes the word's place; or, where `filter` is set, the word goes and that filter is added instead."""

    label: str
    insert: str
    hint: str = ""
    filter: tuple[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Completions:
    """[start, end) of the text, in code points, is what an item replaces."""

    start: int
    end: int
    items: list[Item]


def complete(mission: Mission, text: str, at: int) -> Completions:
    """What may stand at `at`, the most likely first; nothing inside quotes and braces."""
    at = min(max(at, 0), len(text))
    start = at
    while start and not text[start - 1].isspace() and text[start - 1] not in '()"{}':
        start -= 1
    word = text[start:at]
    if _is_quoted(text[:start]) or len(word) > LONGEST_WORD:
        return Completions(at, at, [])
    sign = "-" if word.startswith("-") else ""
    word = word[len(sign) :]
    field, colon, value = word.partition(":")
    if colon:
        return Completions(start + len(sign) + len(field) + 1, at, _values(mission, field.lower(), value, start))
    return Completions(start + len(sign), at, _words(mission, word))


def _values(mission: Mission, field: str, value: str, start: int) -> list[Item]:
    known = value.lower()
    if field in FIXED:
        return [Item(name, name) for name in FIXED[field] if name.startswith(known)]
    if field in PAGE_FILTERS:
        marks = Mark.objects.filter(mission=mission, kind=PAGE_FILTERS[field]).select_related("parent")
        fit = (mark for mark in marks if known in str(mark).casefold())
        return [Item(str(mark), "", _("as a filter"), (field, str(mark.pk))) for mark in fit][:SHOWN]
    counted: Counter[str] = Counter()
    if field in ("network", "lang"):
        for slot, posts in reads.tally(mission, None, _all_time(mission)).items():
            if found := slot.network if field == "network" else slot.language:
                counted[found] += posts
        begin = [(name, n) for name, n in counted.most_common() if name.lower().startswith(known)]
        return [Item(name, name.lower(), f"{n:,}") for name, n in begin[:SHOWN]]
    if field == "author":
        for post in reads.newest(mission, None, limit=LOOKED_AT):
            for name in {post.post.author.handle, post.post.author.name} - {None, ""}:
                assert name is not None
                if known in name.casefold() and len(name) <= LONGEST_WORD and '"' not in name:
                    counted[name] += 1
        return [
            Item(name, name if re.fullmatch(r"[\w.@-]+", name) else f'"{name}"', f"{n:,}")
            for name, n in counted.most_common(SHOWN)
        ]
    return []


def _words(mission: Mission, word: str) -> list[Item]:
    if not word:
        return []
    items = [Item(f"{name}:", f"{name}:", str(FIELDS[name])) for name in FIELDS if name.startswith(word.lower())]
    items += [
        Item(f"{name}:", f"{name}:", _("as a filter"))
        for name in PAGE_FILTERS
        if name.startswith(word.lower()) and len(word) >= FEWEST_CHARACTERS
    ]
    if len(word.lstrip("#@")) < FEWEST_CHARACTERS:
        return items
    counted = _stored_words(mission, word)
    items += [Item(name, name, f"{n:,}") for name, n in counted.most_common(SHOWN)]
    topics = Topic.objects.filter(mission=mission, name__icontains=word.lstrip("#@"))[:3]
    items += [Item(topic.name[:80], "", _("topic, as a filter"), ("topic", str(topic.pk))) for topic in topics]
    return items[: SHOWN + 3]


def _stored_words(mission: Mission, word: str) -> Counter[str]:
    """Words, hashtags and handles that begin so, by how many of the newest posts hold them."""
    try:
        query = read(f"{word}*")
    except QueryError:
        return Counter()
    folded, counted = fold(word), Counter[str]()
    for post in reads.newest(mission, None, query=query, limit=LOOKED_AT):
        tokens = cut(post.post.title, post.post.text)
        forms = {other.form for other in tokens.others if other.kind in ("hashtag", "handle")} | set(tokens.words)
        counted.update(
            form for form in forms if form.startswith(folded) and form != folded and len(form) <= LONGEST_WORD
        )
    return counted


def _all_time(mission: Mission) -> reads.Window:
    from django.utils import timezone

    from watchfloor.mentions.store.ids import EPOCH

    return reads.Window(EPOCH, timezone.now())


def _is_quoted(text: str) -> bool:
    """Whether what follows `text` stands inside quotes or braces."""
    bare = re.sub(r"\\.", "", text)
    return bare.count('"') % 2 == 1 or bare.rfind("{") > bare.rfind("}")

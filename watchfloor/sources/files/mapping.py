"""Which column says what: rows of any shape → posts.

    mapping = parse_map(["text=body,created_at=date", "author.handle=user.name"])
    RowReader(mapping, network="forum", dates=Dates())({"body": "…", "date": "2026-07-04", …}, raw)

Left of `=` stands a field of a post, right of it a column, or a dotted path into nested objects.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from watchfloor.sources import told
from watchfloor.sources.files.dates import Dates, NoDate, instant
from watchfloor.sources.post import Author, Media, MediaKind, Metrics, Post, Sentiment
from watchfloor.sources.source import Event, Unreadable, Written
from watchfloor.sources.told import NotRead

FIELDS = (
    "network", "id", "url", "title", "text", "lang", "created_at",
    "author.id", "author.handle", "author.name", "author.followers",
    "links", "media", "reply_to", "repost_of", "quote_of", "conversation",
    "metrics.likes", "metrics.reposts", "metrics.replies", "metrics.quotes", "metrics.views", "sentiment",
)  # fmt: skip
SHORT = {name.split(".")[1]: name for name in FIELDS if "." in name and name != "author.id"} | {
    "author": "author.handle"
}

LONGEST_TEXT = 500_000
LONGEST_ID = 1_000
LONGEST_NAME = 500
MOST_MEDIA = 20
# What R, pandas and JavaScript write for "nothing".
_NOTHING = {"", "na", "n/a", "nan", "none", "null", "undefined"}
_NO_LANGUAGE = {"und", "zxx", "qam", "qct", "qht", "qme", "qst", "art", "na", "nan"}
_FILM, _SOUND = {".mp4", ".mov", ".webm", ".m3u8"}, {".mp3", ".ogg", ".m4a", ".wav"}
_PHOTO = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"}

_is_lang = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*").fullmatch
_lost_digits = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+").fullmatch
_whole = re.compile(r"(-?\d{1,18})(?:\.0+)?").fullmatch
_grouped = re.compile(r"\d{1,3}(?:[,. ' ]\d{3})+").fullmatch
_link = re.compile(r"https?://[^\s\"'<>|;,]+(?:[,;][^\s\"'<>|;,]+)*", re.IGNORECASE)
_network = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}").fullmatch


class BadMap(ValueError):
    """What is wrong with a --map, in one sentence."""


def parse_map(written: Iterable[str]) -> dict[str, str]:
    """`text=body,created_at=date` (several are joined) → {"text": "body", …}. Raises BadMap."""
    mapping: dict[str, str] = {}
    for pair in _pairs(written):
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not name or not column:
            raise BadMap(f"“{pair}” is no FIELD=COLUMN.")
        field = SHORT.get(name, name)
        if field not in FIELDS:
            raise BadMap(f"“{name}” is no field of a post. The fields are {', '.join(FIELDS)}.")
        if field in mapping:
            raise BadMap(f"“{name}” is mapped twice.")
        mapping[field] = column
    return mapping


def _pairs(written: Iterable[str]) -> list[str]:
    """Cut at commas. A piece without `=` belongs to the column name before it, which holds a comma."""
    pairs: list[str] = []
    for option in written:
        fresh = True
        for piece in option.split(","):
            if "=" in piece or fresh or not pairs:
                pairs.append(piece)
            elif piece.strip():
                pairs[-1] += "," + piece
            fresh = False
    return pairs


def clean_network(name: str) -> str:
    """A network's name as it is stored and asked for: small letters. Raises BadMap."""
    name = name.strip().lower()
    if not _network(name):
        raise BadMap(f"“{name[:60]}” is no name for a network: use letters, digits, “-”, “_” and “.”, at most 40.")
    return name


def look_up(row: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None if there is none. A column whose own name has dots is found first."""
    if path in row:
        return row[path]
    value: Any = row
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


class RowReader:
    """Reads rows by one mapping. `network` is that of rows whose own column says none."""

    def __init__(self, mapping: Mapping[str, str], *, network: str, dates: Dates) -> None:
        self.mapping, self.network, self.dates = mapping, network, dates

    def __call__(self, row: Mapping[str, Any], raw: bytes) -> list[Event]:
        """One row → its post. Never raises: answers [Unreadable]."""
        try:
            return [Written(self.post(row), raw)]
        except (NotRead, NoDate, BadMap) as error:
            return [Unreadable(str(error), raw[:200])]

    def post(self, row: Mapping[str, Any]) -> Post:
        """Raises NotRead, NoDate or BadMap."""
        told_by = {field: look_up(row, column) for field, column in self.mapping.items()}
        network = self._network(told_by.get("network"))
        created_at = self._created_at(told_by.get("created_at"))
        title, links = _words(told_by.get("title")), _links(told_by.get("links"))
        media = _media(told_by.get("media"))
        text = _words(told_by.get("text"))
        if text is None:
            if "text" in self.mapping and not (title or links or media):
                raise NotRead(f"There is no text in “{self.mapping['text']}”.")
            text = ""
        if len(text) > LONGEST_TEXT or len(title or "") > LONGEST_TEXT:
            raise NotRead(f"The text is longer than {LONGEST_TEXT:,} characters.")
        author = Author(
            id=_name(told_by.get("author.id")),
            handle=_handle(told_by.get("author.handle")),
            name=_short(told_by.get("author.name")),
            followers=_count(told_by.get("author.followers")),
        )
        # Two rows that say the same of the same author at the same time are one post.
        said = (network, author.id or author.handle or author.name or "", created_at.isoformat(), text, title or "")
        return Post(
            network=network,
            id=_name(told_by.get("id")) or made_id(*said),
            text=text,
            created_at=created_at,
            url=_url(told_by.get("url")),
            title=title,
            lang=_language(told_by.get("lang")),
            author=author,
            links=links,
            media=media,
            reply_to=_name(told_by.get("reply_to")),
            repost_of=_name(told_by.get("repost_of")),
            quote_of=_name(told_by.get("quote_of")),
            conversation=_name(told_by.get("conversation")),
            metrics=Metrics(
                likes=_count(told_by.get("metrics.likes")),
                reposts=_count(told_by.get("metrics.reposts")),
                replies=_count(told_by.get("metrics.replies")),
                quotes=_count(told_by.get("metrics.quotes")),
                views=_count(told_by.get("metrics.views")),
            ),
            sentiment=_sentiment(told_by.get("sentiment")),
        )

    def _network(self, value: Any) -> str:
        return clean_network(value) if isinstance(value, str) and value.strip() else self.network

    def _created_at(self, value: Any) -> Any:
        if value is None or value == "":
            raise NoDate(f"There is no date in “{self.mapping.get('created_at', 'created_at')}”.")
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise NoDate(f"The date is a JSON {told.json_kind(value)}.")
        return instant(value, self.dates)


def made_id(*said: str) -> str:
    """An id for a row that has none: the same row gives the same id, so that importing it twice stores it once."""
    return "sha256:" + hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def lost_digits(value: Any) -> bool:
    """Whether a spreadsheet rounded an id: 5.69029E+17 stands for many posts."""
    return isinstance(value, float) or (isinstance(value, str) and _lost_digits(value.strip()) is not None)


# --- Values --------------------------------------------------------------------------------------------------------


def _words(value: Any) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise NotRead(f"The text is a JSON {told.json_kind(value)}.")
    return value if value.strip() else None


def _short(value: Any) -> str | None:
    return value.strip()[:LONGEST_NAME] or None if isinstance(value, str) else None


def _handle(value: Any) -> str | None:
    name = _name(value)
    return name.lstrip("@＠")[:LONGEST_NAME] or None if name else None


def _name(value: Any) -> str | None:
    """An id. "3.0" is how pandas writes 3 in a column with holes."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        value = str(value)
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or value.strip().lower() in _NOTHING or lost_digits(value):
        return None
    name = value.strip()
    if len(name) > LONGEST_ID:
        raise NotRead(f"An id is longer than {LONGEST_ID:,} characters.")
    return name.partition(".")[0] if _whole(name) else name


def _count(value: Any) -> int | None:
    if isinstance(value, str):
        value = value.strip()
        if _grouped(value):
            value = re.sub(r"\D", "", value)
        found = _whole(value)
        value = int(found[1]) if found else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= told.LARGEST:
        return None
    return value


def _language(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    code = value.strip().replace("_", "-")
    return code if _is_lang(code) and code.lower() not in _NO_LANGUAGE else None


def _sentiment(value: Any) -> Sentiment | None:
    words: dict[str, Sentiment] = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
    return words.get(value.strip().lower()) if isinstance(value, str) else None


def _url(value: Any) -> str | None:
    found = told.web_links([value.strip()] if isinstance(value, str) else [])
    return found[0] if found else None


def _links(value: Any) -> tuple[str, ...]:
    return told.web_links(_addresses(value))


def _addresses(value: Any) -> list[str | None]:
    """Addresses in a text, in a list of texts, or in a list of objects as networks write them."""
    if isinstance(value, str):
        return list(_link.findall(value[:LONGEST_TEXT]))
    if isinstance(value, list):
        return [_address(item) for item in value[: told.MOST_LINKS]]
    return [_address(value)] if isinstance(value, dict) else []


def _address(item: Any) -> str | None:
    if isinstance(item, dict):
        return next((found for key in ("expanded_url", "url", "uri", "href") if (found := told.text(item, key))), None)
    return item.strip() if isinstance(item, str) else None


def _media(value: Any) -> tuple[Media, ...]:
    items = value if isinstance(value, list) else [value]
    found = []
    for item in items[:MOST_MEDIA]:
        for address in told.web_links(_addresses(item)):
            kind = told.text(item, "kind") or told.text(item, "type") if isinstance(item, dict) else None
            alt = told.text(item, "alt") or told.text(item, "description") if isinstance(item, dict) else None
            found.append(Media(_media_kind(kind, address), address, alt))
    return tuple(found[:MOST_MEDIA])


def _media_kind(told_kind: str | None, address: str) -> MediaKind:
    kinds: dict[str, MediaKind] = {
        "photo": "photo",
        "image": "photo",
        "video": "video",
        "gif": "video",
        "audio": "audio",
    }
    if told_kind and told_kind.lower() in kinds:
        return kinds[told_kind.lower()]
    try:
        ending = PurePosixPath(urlsplit(address).path).suffix.lower()
    except ValueError:
        return "other"
    return "photo" if ending in _PHOTO else "video" if ending in _FILM else "audio" if ending in _SOUND else "other"

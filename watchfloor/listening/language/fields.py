"""The fields of a query: which there are, and how a value is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from gettext import gettext as _

import regex

from watchfloor.listening.language.characters import LINK, fold_name, nfc
from watchfloor.listening.language.tree import Field, QueryError

HAS = ("link", "photo", "video", "media", "hashtag", "mention", "question", "emoji")
IS = ("original", "reply", "repost", "quote")
SENTIMENTS = ("negative", "neutral", "positive")
MAX_COUNT_DIGITS = 18  # fits a 64-bit column of a database
_LANGUAGES = {
    "arabic": "ar", "chinese": "zh", "czech": "cs", "danish": "da", "dutch": "nl", "english": "en", "finnish": "fi",
    "french": "fr", "german": "de", "greek": "el", "hebrew": "he", "hindi": "hi", "italian": "it", "japanese": "ja",
    "korean": "ko", "norwegian": "no", "polish": "pl", "portuguese": "pt", "russian": "ru", "spanish": "es",
    "swedish": "sv", "thai": "th", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip


def read_field(name: str, value: str, *, start: int, value_start: int, end: int, quoted: bool) -> Field:
    """Return the field `name:value`. Raises QueryError with the offset of what is wrong.

    `start` is where the name stands (or the value, for a further one of a group), `end` where the value ends.
    """
    if not value.strip():
        message = _("There is nothing to look for in the value of “{name}:”.").format(name=name)
        raise QueryError(value_start, message)
    return _READERS[name](_Written(name, value, start, value_start, end, quoted))


def check_name(name: str, offset: int) -> str:
    """Return the field's name as we write it. Raises QueryError if there is no such field."""
    known = name.lower()
    if known in _READERS:
        return known
    if known in ("http", "https"):
        hint = _("To look for a link, write link:example.com; to look for the words, write them in quotes.")
        raise QueryError(offset, _("A web address can't be a term: links are not part of the text."), hint)
    near = get_close_matches(known, _READERS, n=1, cutoff=0.6)
    hint = (_("Did you mean {name}:?").format(name=near[0]) if near else _ALIASES.get(known)) or _(
        'To look for the words, write them in quotes: "{name} …".'
    ).format(name=name)
    raise QueryError(offset, _("There is no field “{name}”.").format(name=name), hint)


_ALIASES = {
    name: _("Did you mean {name}:?").format(name=meant)
    for name, meant in {
        "from": "author", "user": "author", "by": "author", "language": "lang", "url": "link", "domain": "site",
        "host": "site", "source": "network", "platform": "network", "filter": "has", "mood": "sentiment",
        "tone": "sentiment", "fans": "followers", "type": "is", "reach": "followers",
    }.items()
}  # fmt: skip


class _Written:
    """One `name:value` as it stands in the query."""

    __slots__ = ("end", "name", "quoted", "start", "value", "value_start")

    def __init__(self, name: str, value: str, start: int, value_start: int, end: int, quoted: bool) -> None:
        self.name = name
        self.value = value
        self.start = start
        self.value_start = value_start
        self.end = end
        self.quoted = quoted

    def meaning(self, value: str, low: int | None = None, high: int | None = None) -> Field:
        return Field(self.name, value, self.start, self.end, low, high)

    def refused(self, message: str, hint: str | None = None, *, at: int = 0) -> QueryError:
        return QueryError(self.value_start + at, message, hint)

    def did_you_mean(self, value: str | None) -> str | None:
        return _("Did you mean {field}?").format(field=f"{self.name}:{value}") if value else None


def _one_of(values: tuple[str, ...]) -> Callable[[_Written], Field]:
    def read(written: _Written) -> Field:
        value = written.value.lower()
        if value in values:
            return written.meaning(value)
        alias = _VALUE_ALIASES.get(value)
        near = [alias] if alias in values else get_close_matches(value, values, n=1, cutoff=0.6)
        message = _("“{value}” is no value of “{name}:”; it takes {values}.")
        message = message.format(value=_short(written.value), name=written.name, values=", ".join(values))
        raise written.refused(message, written.did_you_mean(near[0] if near else None))

    return read


_VALUE_ALIASES = {
    "image": "photo", "images": "photo", "picture": "photo", "pic": "photo", "url": "link", "handle": "mention",
    "retweet": "repost", "boost": "repost", "share": "repost", "comment": "reply", "answer": "reply",
    "post": "original",
    "bad": "negative", "neg": "negative", "good": "positive", "pos": "positive", "mixed": "neutral",
}  # fmt: skip


def _network(written: _Written) -> Field:
    value = written.value.lower()
    if not _NETWORK.fullmatch(value):
        raise written.refused(_("A network is one word, like bluesky or mastodon."), written.did_you_mean("bluesky"))
    return written.meaning(value)


def _lang(written: _Written) -> Field:
    value = written.value.lower().replace("_", "-")
    if not _TAG.fullmatch(value):
        message = _("“{value}” is no language code; codes have two or three letters, like en, de or pt-BR.")
        raise written.refused(message.format(value=_short(written.value)), written.did_you_mean(_LANGUAGES.get(value)))
    return written.meaning(value)


def _author(written: _Written) -> Field:
    value = fold_name(written.value).removeprefix("@")
    if not _WORD.search(value):
        raise written.refused(_("There is nothing to look for in the value of “{name}:”.").format(name="author"))
    if not written.quoted and "*" in value:
        message = _("Wildcards work in terms, not in “{name}:”.").format(name="author")
        raise written.refused(message, at=written.value.index("*"))
    return written.meaning(value)


def _site(written: _Written) -> Field:
    value = written.value.lower()
    bare = host_of(value) if LINK.match(value) else value
    bare = regex.split(r"[/?#:]", bare.removeprefix("*").removeprefix("."))[0]
    folded = fold_host(bare)
    if bare != value or not folded:
        hint = written.did_you_mean(bare if folded else "example.com")
        raise written.refused(_("“site:” takes a host name alone, like example.com."), hint)
    return written.meaning(folded)


def _link(written: _Written) -> Field:
    return written.meaning(fold_link(written.value))


def _count(written: _Written) -> Field:
    found = _COUNT.fullmatch(written.value)
    if not found:
        bare = _digits(written.value)
        message = _("“{name}:” takes a comparison with a whole number, like >=1000 or 100..500.")
        raise written.refused(message.format(name=written.name), written.did_you_mean(bare and f"={bare}"))
    for group in ("number", "low", "high"):
        if len((found[group] or "").lstrip("0")) > MAX_COUNT_DIGITS:
            raise written.refused(_("This number is too large."), at=found.start(group))
    if found["low"]:
        low, high = int(found["low"]), int(found["high"])
        if low > high:
            message = _("A range goes from the smaller to the larger number.")
            raise written.refused(message, written.did_you_mean(f"{high}..{low}"))
        return written.meaning(written.value, low, high)
    number = int(found["number"])
    bounds = {
        ">": (number + 1, None), ">=": (number, None), "<": (None, number - 1), "<=": (None, number),
        "=": (number, number),
    }  # fmt: skip
    return written.meaning(written.value, *bounds[found["compare"]])


def _digits(value: str) -> str | None:
    bare = regex.sub(r"[,.'_]", "", value)
    return bare if bare.isascii() and bare.isdigit() and len(bare) <= MAX_COUNT_DIGITS else None


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:40]}…"


_NETWORK = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,60}")
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,8}")
_WORD = regex.compile(r"[\p{L}\p{N}\p{Emoji}_]")
_COUNT = re.compile(r"(?P<compare>>=|<=|>|<|=)(?P<number>[0-9]+)|(?P<low>[0-9]+)\.\.(?P<high>[0-9]+)")

_READERS: dict[str, Callable[[_Written], Field]] = {
    "network": _network,
    "lang": _lang,
    "author": _author,
    "site": _site,
    "link": _link,
    "has": _one_of(HAS),
    "is": _one_of(IS),
    "followers": _count,
    "engagement": _count,
    "sentiment": _one_of(SENTIMENTS),
}
FIELDS = tuple(_READERS)

# --- How addresses are compared ------------------------------------------------------------------------------------


def fold_link(link: str) -> str:
    return nfc(link).casefold()


def host_of(link: str) -> str:
    """Return the host of a web address, folded, or "" if it has none."""
    found = _HOST.match(link)
    return fold_host(found["host"]) if found else ""


def fold_host(host: str) -> str:
    """Return a host name in lower case without a final dot; a name in another script as networks write it (xn--…)."""
    host = host.strip(".").casefold()
    if not host.isascii():
        try:
            return host.encode("idna").decode("ascii") if len(host) < 254 else ""
        except UnicodeError:
            return ""
    return host if _ASCII_HOST.fullmatch(host) else ""


# As browsers read it: the last @ before a slash, backslash, question mark or hash sign ends the user's name.
_HOST = regex.compile(
    r"[a-z][a-z0-9+.\-]*:[/\\]{2}(?:[^/\\?#\s]*+(?<=@)|(?:[^/\\?#\s]*@)?)(?P<host>[\p{L}\p{M}\p{N}_.\-]+)",
    regex.IGNORECASE,
)
_ASCII_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.\-]*[a-z0-9_])?")

"""Which language a post is in: what it says of itself, else a guess by CLD2, else by its words, else unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec
import pycld2

from watchfloor.mentions.labels.english import reads_as_english
from watchfloor.mentions.labels.labeller import Label
from watchfloor.mentions.labels.language_codes import PRIMARY
from watchfloor.sources.post import Post

DECLARED = "declared/1"
DETECTED = "cld2/1"
BY_WORDS = "english-words/1"
ENOUGH_TO_READ = 2_000  # characters: more make CLD2 slower, not surer
FEWEST_LETTERS = 12  # below this CLD2 takes names for Italian; scripts that name their language need fewer
FEWEST_LETTERS_OF_A_SCRIPT = 3
SHORT = 60  # letters: up to here words may overrule CLD2, which takes short English for Scots or Norwegian


class Language(msgspec.Struct, frozen=True):
    """`code` is BCP 47 ("en", "en-GB", "zh-Hant"), None if unknown. `confidence` 0 … 1, None if unknown."""

    code: str | None
    by: str
    confidence: float | None = None


UNKNOWN = Language(None, DETECTED)


def label_language(post: Post) -> Language:
    """The post's own declaration if it names a language, else CLD2's answer if CLD2 calls it reliable, else English
    if nearly all words are common English ones ("Thank you!!" is too short for CLD2)."""
    if post.lang and (declared := _declared(post.lang)) is not None:
        return declared
    return detect_language(post.text)


class LanguageLabeller:
    """`label_language` in the shape of the plug. A label is signed by the way it was found."""

    name = "language"
    version = "1"
    kind = "language"

    def label(self, post: Post, earlier: Mapping[str, Label] | None = None) -> Label:
        language = label_language(post)
        return Label("language", language.code, language.by, confidence=language.confidence)


# --- The declaration ------------------------------------------------------------------------------------------------

_SUBTAGS = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", re.ASCII)


def normalise_code(code: str) -> str | None:
    """A BCP 47 code in its usual spelling ("EN_gb" → "en-GB", "deu" → "de", "iw" → "he"); None if it names none.

    Keeps script and region; drops variants, extensions and private use ("de-DE-1996" → "de-DE").
    """
    code = code.strip()
    if len(code) > 35 or _SUBTAGS.fullmatch(code) is None:
        return None
    primary, *others = code.replace("_", "-").split("-")
    language = PRIMARY.get(primary.lower())
    if language is None:
        return None
    parts = [language]
    if others and len(others[0]) == 4 and others[0].isalpha():
        parts.append(others.pop(0).title())
    if others and ((len(others[0]) == 2 and others[0].isalpha()) or (len(others[0]) == 3 and others[0].isdigit())):
        parts.append(others[0].upper())
    return "-".join(parts)


@lru_cache(maxsize=512)
def _declared(declaration: str) -> Language | None:
    code = normalise_code(declaration)
    return None if code is None else Language(code, DECLARED, 1.0)


# --- The guess ------------------------------------------------------------------------------------------------------

# Links, @handles and #hashtags are in no language, or in another one than the text round them.
_NOT_PROSE = re.compile(r"(?:https?://|www\.)\S+|@[\w.\-]+|#\w+")
# CLD2 refuses a whole text for one of these: controls, surrogates, non-characters.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LATIN_LETTERS = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")


def detect_language(text: str) -> Language:
    """The language of the prose in `text`, unknown if there is too little of it or nobody is sure.

    `confidence` is the share of the text that CLD2 finds to be in that language, or the share of known words.
    """
    prose = _NOT_PROSE.sub(" ", text[:ENOUGH_TO_READ])
    letters = sum(map(str.isalpha, prose))
    latin = prose.isascii() or len(_LATIN_LETTERS.findall(prose)) * 2 > letters
    if not latin and letters >= FEWEST_LETTERS_OF_A_SCRIPT:
        return _by_cld2(prose)
    found = _by_cld2(prose) if letters >= FEWEST_LETTERS else UNKNOWN
    if latin and found.code != "en" and letters < SHORT and (share := reads_as_english(prose)) is not None:
        return Language("en", BY_WORDS, round(share, 2))
    return found


def _by_cld2(prose: str) -> Language:
    try:
        reliable, _, found = pycld2.detect(_readable(prose), isPlainText=True)
    except pycld2.error:
        # What CLD2 refuses is not fully documented. Unknown is the honest answer.
        return UNKNOWN
    _, code, percent, _ = found[0]
    if not reliable:
        return UNKNOWN
    known = _from_cld2(code)
    return UNKNOWN if known is None else Language(known, DETECTED, min(percent, 100) / 100)


def _readable(prose: str) -> str:
    if prose.isprintable():
        return prose
    kept = _REFUSED.sub(" ", prose)
    # Unassigned characters are refused as well; they are rare, so the slow way is good enough.
    return kept if kept.isprintable() else "".join(c if c.isprintable() or c in "\u200c\u200d" else " " for c in kept)


@lru_cache(maxsize=512)
def _from_cld2(code: str) -> str | None:
    return None if code == "un" else normalise_code(code)

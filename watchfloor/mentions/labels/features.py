"""From an English text to the numbers that the sentiment model weighs.

One pass over the tokens gives
    words     each word with its letter groups (unknown spellings share letters with known ones)
    negated   the words that stand within five words after a negation: "not good" is not "good"
    pairs     neighbouring words, as rows of the weight table
    side      about thirty plain numbers: VADER's sums, exclamation marks, capitals, how long, links, mentions

Words, letter groups and pairs are hashed into one table of `TABLE` rows, so the model holds no text. The valence of
words and emoji is from VADER's lexicon (Hutto & Gilbert 2014, MIT); sums and intensifiers follow its rules, simplified.
A model fits one version of these features only: raise `VERSION` with every change that moves a number.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

from watchfloor.mentions.labels.english import english_words

VERSION = 1
TABLE_BITS = 18
TABLE = 1 << TABLE_BITS
ENOUGH_TO_READ = 3_000  # characters
FEWEST_ENGLISH = 0.1  # of the words of a text that is called English; posts in another language have less

# How much a row counts by what it stands for: the strength of the model's belief that most such rows mean nothing.
LETTERS_WEIGH = 0.3
PAIRS_WEIGH = 0.7


class Word:
    """A token and what the features need of it. The last four are a model's sums over `rows` and `negated_row`."""

    __slots__ = (
        "boost", "elongated", "english", "hash", "is_word", "latin", "letters", "negated_negative", "negated_positive",
        "negated_row", "negates", "negative", "plain", "positive", "rows", "shouted", "sign", "stops", "valence",
    )  # fmt: skip

    def __init__(self, token: str) -> None:
        norm = normalise(token)
        coded = norm.encode("utf-8", "surrogatepass")
        self.hash = crc32(coded)
        self.is_word = norm != "URL" and (token[0].isalpha() or (token[0] == "#" and len(token) > 1))
        self.latin = self.is_word and norm.lstrip("#").isascii()
        self.english = norm in english_words()
        self.sign = norm if norm in _SIGNS else ""
        self.shouted = self.is_word and len(token) > 1 and token.isupper()
        self.elongated = self.is_word and _ELONGATED.search(token) is not None
        self.negates = norm in _NEGATIONS or norm.endswith("n't")
        self.stops = norm in _STOPS
        self.boost = _BOOSTS.get(norm, 0.0)
        self.valence = 0.0 if self.boost else _valence(token, norm)
        if self.valence and self.shouted:
            self.valence += 0.733 if self.valence > 0 else -0.733
        self.plain = not (self.valence or self.boost or self.negates or self.stops or self.sign)
        self.rows = [self.hash % TABLE]
        if norm[0] == "#":
            self.rows.append(crc32(coded[1:]) % TABLE)
        self.negated_row = crc32(b"not " + coded) % TABLE
        self.letters = _letter_rows(norm.lstrip("#")) if self.is_word else []
        self.negative = self.positive = self.negated_negative = self.negated_positive = 0.0


class Reading:
    """What one text gave. `side` always has `SIDE` numbers."""

    __slots__ = ("negated", "pairs", "side", "words")

    def __init__(self, words: list[Word], negated: list[Word], pairs: list[int], side: list[float]) -> None:
        self.words, self.negated, self.pairs, self.side = words, negated, pairs, side


def read(text: str, word: Callable[[str], Word] = Word) -> Reading | None:
    """Read `text`; None if nothing in it can carry a feeling (no words and no emoji that the lexicon knows), or if it
    is hardly English.

    `word` makes a `Word` of a token; pass one that remembers.
    """
    if len(text) > ENOUGH_TO_READ:
        text = text[:ENOUGH_TO_READ]
    if "&" in text:
        text = html.unescape(text)
    words = list(map(word, _TOKEN.findall(text)))
    negated: list[Word] = []
    pairs: list[int] = []
    positive = negative = last = first = after_but = highest = lowest = boost = 0.0
    count_positive = count_negative = count = latin_words = english = shouted = elongated = scope = scopes = 0
    links = mentions = dots = boosted_at = 0
    but = False
    before = _START
    for place, w in enumerate(words):
        pairs.append((before * 0x9E3779B1 ^ w.hash) % TABLE)
        before = w.hash
        if w.is_word:
            count += 1
            if w.latin:
                latin_words += 1
                if w.english:
                    english += 1
            if w.shouted:
                shouted += 1
            if w.elongated:
                elongated += 1
        if scope:
            if w.stops or w.sign in _ENDS_SCOPE:
                scope = 0
            else:
                negated.append(w)
                scopes += 1
        if w.plain:
            if scope:
                scope -= 1
            continue
        if w.valence:
            valence = w.valence
            if boost and place - boosted_at <= 3:
                valence += boost if valence > 0 else -boost
            if scope and not w.negates:
                valence *= -0.74
            if valence > 0:
                positive += valence
                count_positive += 1
                if valence > highest:
                    highest = valence
            else:
                negative -= valence
                count_negative += 1
                if valence < lowest:
                    lowest = valence
            last = valence
            if not first:
                first = valence
            if but:
                after_but += valence
        elif w.boost:
            boost, boosted_at = w.boost, place
        if w.negates:
            scope = 5
        elif scope:
            scope -= 1
        if w.sign:
            sign = w.sign
            if sign == "@":
                mentions += 1
            elif sign == "URL":
                links += 1
            elif sign == "..":
                dots += 1
            elif sign == "but":
                but = True
    pairs.append((before * 0x9E3779B1 ^ _END) % TABLE)
    if count:
        if latin_words * 2 <= count or (count >= 8 and english < count * FEWEST_ENGLISH):
            return None
    elif not (count_positive or count_negative):
        return None
    exclaimed = min(4, text.count("!"))
    asked = min(4, text.count("?"))
    total = positive - negative
    verdict = total / (total * total + 15) ** 0.5
    length = count or 1
    to_someone = words[0].sign == "@"
    side = [
        verdict,
        min(positive, 10) / 4,
        min(negative, 10) / 4,
        positive / length,
        negative / length,
        last / 4,
        first / 4,
        highest / 4,
        lowest / 4,
        max(-8.0, min(8.0, after_but)) / 4,
        min(count_positive, 12) / 3,
        min(count_negative, 12) / 3,
        exclaimed / 4,
        asked / 4,
        min(elongated, 3) / 3,
        min(shouted, 6) / 6,
        shouted / length,
        1.0 if count and shouted == count else 0.0,
        1.0 if links else 0.0,
        min(mentions, 4) / 4,
        1.0 if to_someone else 0.0,
        min(text.count("#"), 5) / 5,
        min(count, 40) / 40,
        1.0 if count < 6 else 0.0,
        1.0 if dots else 0.0,
        min(scopes, 20) / 10,
        exclaimed * verdict / 4,
        asked * verdict / 4,
        verdict * verdict,
        1.0 if total == 0 else 0.0,
        1.0 if words[-1].sign == "URL" else 0.0,
        BALANCE,
    ]
    return Reading(words, negated, pairs, side)


SIDE = 32
BALANCE = 6.0  # in every text: how common each value is. Large, so that learning may move it freely
_START, _END = crc32(b"<"), crc32(b">")
_ENDS_SCOPE = frozenset(("!", "?", "?!", ".."))

# --- Tokens ---------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?:https?://|www\.)\S+ | @\w+ | \#\w+
    | [<>]?[:;=][\-o*'^]?[)\](\[dDpP/\\|@3*oO]+ | [xX]D+\b | </?3+ | \(-?: | \):
    | [^\W\d_]{1,40}(?:['’‘`][^\W\d_]{1,10}){0,3}
    | \d{1,20}(?:[.,:]\d{1,10}){0,4}(?:[%a-zA-Z]{1,10})?
    | \.{2,} | [!?]+ | [^\w\s\ufe0f\u200d\U0001f3fb-\U0001f3ff]""",
    re.VERBOSE,
)
_ELONGATED = re.compile(r"(.)\1{2,}")
_DIGIT = re.compile(r"\d")


def normalise(token: str) -> str:
    """One spelling for what means the same here: lower case, "soooo" → "soo", digits → 0, links and handles → one."""
    first = token[0]
    if first == "@" and len(token) > 1:
        return "@"
    if is_link(token):
        return "URL"
    if first.isdigit():
        return _DIGIT.sub("0", token.lower())
    if first in "!?":
        return first if token == first * len(token) else "?!"
    if first == "." and len(token) > 1:
        return ".."
    lower = token.lower().replace("’", "'").replace("‘", "'").replace("`", "'")
    return _ELONGATED.sub(r"\1\1", lower)


def is_link(token: str) -> bool:
    return token.startswith(("http://", "https://", "www.")) and len(token) > 4


def _letter_rows(word: str) -> list[int]:
    """Rows for the groups of 3 to 5 letters, with the word's edges marked."""
    edged = f"<{word[:24]}>".encode("utf-8", "surrogatepass")
    return [crc32(edged[at : at + size], size) % TABLE for size in (3, 4, 5) for at in range(len(edged) - size + 1)]


# --- Words with a meaning of their own ------------------------------------------------------------------------------

_SIGNS = frozenset(("!", "?", "?!", "@", "URL", "..", "but"))
_STOPS = frozenset((".", ",", ";", ":", "but", "and", "because", "although", "though", "however"))
_NEGATED_BY = (
    "not no never none nobody nothing nowhere neither nor cannot cant dont wont isnt arent wasnt werent doesnt didnt "
    "havent hasnt hadnt couldnt wouldnt shouldnt aint without hardly barely rarely seldom"
)
_NEGATIONS = frozenset(_NEGATED_BY.split())
_MORE = (
    "absolutely amazingly awfully completely considerably decidedly deeply effing enormously entirely especially "
    "exceptionally extremely fabulously flipping flippin fricking frickin frigging friggin fully fucking fuckin "
    "greatly hella highly hugely incredibly intensely majorly more most particularly purely quite really remarkably so "
    "substantially thoroughly totally tremendously uber unbelievably unusually utterly very"
)
_LESS = "almost kinda less little marginally occasionally partly scarcely slightly somewhat sorta"
_BOOSTS = dict.fromkeys(_MORE.split(), 0.293) | dict.fromkeys(_LESS.split(), -0.293)


def _valence(token: str, norm: str) -> float:
    """VADER's valence, −4 … 4; 0 if its lexicon does not have the token."""
    lexicon = _lexicon()
    for spelling in (norm, norm.lstrip("#"), token):
        if (found := lexicon.get(spelling)) is not None:
            return found
    return 0.0


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, float]:
    spec = find_spec("vaderSentiment")
    assert spec is not None, "vaderSentiment is a dependency"
    assert spec.submodule_search_locations is not None
    folder = Path(next(iter(spec.submodule_search_locations)))
    lexicon = {}
    for line in (folder / "vader_lexicon.txt").read_text("utf-8").splitlines():
        word, valence, *_ = line.split("\t")
        lexicon[word] = float(valence)
    emoji = {}
    for line in (folder / "emoji_utf8_lexicon.txt").read_text("utf-8").splitlines():
        sign, _, description = line.partition("\t")
        if valence_sum := sum(lexicon.get(word, 0.0) for word in description.split()):
            emoji[sign] = valence_sum
    return lexicon | emoji

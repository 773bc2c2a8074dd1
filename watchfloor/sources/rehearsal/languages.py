"""What can be said in which language: the phrase banks, and the small words that depend on the language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random

from watchfloor.sources.post import Sentiment
from watchfloor.sources.rehearsal.cast import LANGUAGES
from watchfloor.sources.rehearsal.grammar import Bank

MOODS: tuple[Sentiment, ...] = ("positive", "neutral", "negative")
USUAL = (0.42, 0.36, 0.22)
# Theme → how often which mood, where it is not the usual.
ODDS = {
    "coffee": (0.32, 0.22, 0.46),
    "food": (0.36, 0.24, 0.4),
    "room": (0.2, 0.25, 0.55),
    "arrival": (0.44, 0.3, 0.26),
    "expect": (0.42, 0.42, 0.16),
    "thanks": (0.72, 0.16, 0.12),
    "claim": (0.28, 0.6, 0.12),
    "talk": (0.45, 0.3, 0.25),
    "stranger": (0.2, 0.55, 0.25),
    "keynote": (0.5, 0.32, 0.18),
    "hallway": (0.5, 0.35, 0.15),
    "photo": (0.6, 0.4, 0.0),
}
# Written by code, or about somebody: never picked as a theme of an ordinary post.
NOT_THEMES = {"more", "re", "quote", "pivotfood", "wifi", "rumour", "correction", "decider"}
HALLS = {
    "es": {"hall A": "la sala A", "hall B": "la sala B", "the north hall": "la sala norte", "the studio": "el estudio"},
    "de": {"hall A": "Halle A", "hall B": "Halle B", "the north hall": "Nordhalle", "the studio": "Studio"},
    "fr": {"hall A": "hall A", "hall B": "hall B", "the north hall": "hall nord", "the studio": "studio"},
    "pt": {"hall A": "sala A", "hall B": "sala B", "the north hall": "sala norte", "the studio": "estúdio"},
    "it": {"hall A": "sala A", "hall B": "sala B", "the north hall": "sala nord", "the studio": "studio"},
    "pl": {"hall A": "hala A", "hall B": "hala B", "the north hall": "hala północna", "the studio": "studio"},
    "ja": {"hall A": "ホールA", "hall B": "ホールB", "the north hall": "北ホール", "the studio": "スタジオ"},
    "ko": {"hall A": "A홀", "hall B": "B홀", "the north hall": "북쪽 홀", "the studio": "스튜디오"},
    "ar": {"hall A": "القاعة A", "hall B": "القاعة B", "the north hall": "القاعة الشمالية", "the studio": "الاستوديو"},
    "hi": {"hall A": "हॉल A", "hall B": "हॉल B", "the north hall": "नॉर्थ हॉल", "the studio": "स्टूडियो"},
    "th": {"hall A": "ฮอลล์ A", "hall B": "ฮอลล์ B", "the north hall": "ฮอลล์เหนือ", "the studio": "สตูดิโอ"},
    "uk": {"hall A": "зала A", "hall B": "зала B", "the north hall": "північна зала", "the studio": "студія"},
}
ALT_TEXTS = {
    "pivotfood": (
        "A paper tray with three dumplings and too much chilli oil",
        "Taco in a hand, food trucks behind, grey sky",
        "A long queue in front of a blue food truck",
        "Half an empanada on a conference programme",
    ),
    "coffee": (
        "A flat white with a fern on it",
        "People queuing under a sign that says NORTH HALL",
        "An empty coffee machine with ERR 04 on its display",
    ),
    "arrival": (
        "A lanyard with the name blurred",
        "The entrance with a big letter P and people taking selfies",
        "Orange shirts behind a desk",
    ),
    "party": ("String lights over a terrace at night", "Somebody singing with both eyes closed", ""),
    "swag": ("Blue socks with a heron pattern", "Fourteen tote bags on one hook"),
    "photo": (
        "A wall full of yellow notes, most of them crossed out",
        "The hall seen from the balcony, about half full",
        "Handwritten notes in two colours",
        "Row of empty chairs in morning light",
        "A whiteboard with one sentence on it",
        "",
    ),
    "": (
        "A slide with one sentence in large letters",
        "Speaker on a stage with a blue background",
        "Photo of a slide, hard to read",
        "",
        "",
    ),
}


@cache
def banks() -> Mapping[str, Bank]:
    """Language → its phrase bank. Read once; take `.shuffled()` copies to deal from."""
    return {lang: Bank(f"{lang}.txt") for lang in LANGUAGES}


@cache
def themes(lang: str) -> frozenset[str]:
    """What ordinary posts in this language can be about."""
    rules = banks()[lang].rules
    found = {rule.partition(".")[0] for rule in rules if rule.partition(".")[2] in MOODS} - NOT_THEMES
    if questions(lang):
        found.add("question")
    if "thread.start" in rules:
        found.add("thread")
    return frozenset(found)


@cache
def moods(lang: str, theme: str) -> Mapping[Sentiment, float]:
    """Mood → weight, of those that the bank has words for."""
    odds = dict(zip(MOODS, ODDS.get(theme, USUAL), strict=True))
    return {mood: weight for mood, weight in odds.items() if f"{theme}.{mood}" in banks()[lang] and weight}


@cache
def questions(lang: str) -> tuple[str, ...]:
    return tuple(rule.partition(".")[2] for rule in banks()[lang].rules if rule.startswith("question."))


def hall(name: str, lang: str) -> str:
    return HALLS.get(lang, {}).get(name, name)


def alt_text(theme: str, words: Mapping[str, str], random: Random) -> str | None:
    """What the photo shows, as far as its author said so. Six in ten do."""
    if random.random() > 0.6:
        return None
    if theme in ("claim", "talk", "keynote", "slides") and random.random() < 0.7:
        return random.choice(
            (f"{words['spk']} on stage", f"Slide: {words['talk']}", f"Slide with the words “{words['claim']}”")
        )
    return random.choice(ALT_TEXTS.get(theme, ALT_TEXTS[""])) or None


def side_tag(theme: str, subject: str, hall: str, random: Random) -> str:
    """A second hashtag that somebody adds."""
    by_theme = {
        "coffee": "#flatwhite",
        "room": f"#{hall.replace('the ', '').title().replace(' ', '')}",
        "party": "#pivotnights",
        "remote": "#pivotlive",
    }
    if theme in by_theme and random.random() < 0.7:
        return by_theme[theme]
    tags = {
        "rooms": "#smallrooms",
        "forms": "#servicedesign",
        "failure": "#lessons",
        "legacy": "#legacycode",
        "hiring": "#hiring",
        "pricing": "#pricing",
        "research": "#uxresearch",
        "access": "#a11y",
        "support": "#custserv",
        "transport": "#transit",
        "measure": "#metrics",
        "food": "#canteen",
        "community": "#community",
        "remote": "#remotework",
    }
    return tags.get(subject, "") if theme in ("claim", "talk", "slides", "keynote", "thread") else ""

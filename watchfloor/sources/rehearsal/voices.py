"""From a sentence to a post: how a person types it, tags it and decorates it."""

from __future__ import annotations

import re
from random import Random

from watchfloor.sources.rehearsal.cast import LATIN, Voice

EMOJI = {
    "positive": ("😍", "🙌", "❤️", "🔥", "👏", "😊", "🎉", "💛", "✨", "🥹", "😂", "💪", "🤩", "☀️"),
    "negative": ("😡", "🙄", "😩", "😤", "🤦", "🤦🏽‍♀️", "💀", "😒", "🥶", "😭", "👎"),
    "neutral": ("👀", "🤔", "🙂", "📝", "🤷", "🤷🏻‍♂️", "📍", "🎧"),
}
CLIPPED = {
    "you": "u",
    "because": "bc",
    "with": "w/",
    "and": "&",
    "really": "rly",
    "people": "ppl",
    "tonight": "2nite",
    "right": "rn",
}
KEPT = re.compile(r"https?://\S+|[@#]\S+|“[^”]*”")
END = re.compile(r"(?<=[^.])\.$")


def type_out(text: str, voice: Voice, *, mood: str, lang: str, tags: list[str], random: Random) -> str:
    """The text as this person types it."""
    if lang in LATIN:
        if voice.clipped:
            text = " ".join(CLIPPED.get(word, word) if random.random() < 0.6 else word for word in text.split(" "))
        if voice.typos:
            text = " ".join(
                _mistyped(word, random) if random.random() < voice.typos else word for word in text.split(" ")
            )
        if voice.lower:
            text = _lowered(text)
        elif text[:1].islower() and random.random() < 0.6:
            text = text[0].upper() + text[1:]
        if voice.loud and mood != "neutral":
            text = END.sub("!!" if random.random() < 0.5 else "!", text)
        elif voice.bare_end:
            text = END.sub("", text)
        if voice.lines:
            text = re.sub(r"(?<=[a-zäöüéãñ][.!?]) (?=[A-ZÄÖÜÉ“])", "\n\n", text)
    present = text.lower()
    tags = [tag for tag in tags if tag.lower() not in present]
    emoji = "".join(random.sample(EMOJI[mood], random.choice((1, 1, 1, 2, 3)))) if random.random() < voice.emoji else ""
    end = " ".join(tags)
    if emoji and random.random() < 0.3:
        end = f"{end} {emoji}" if end else emoji
    elif emoji:
        text = f"{text} {emoji}" if text[-1:] not in EMOJI[mood] else text
    if not end:
        return text
    return f"{text}{random.choice((' ', ' ', ' ', chr(10)))}{end}"


def _lowered(text: str) -> str:
    kept = KEPT.findall(text)
    if not kept:
        return text.lower()
    rest = iter(kept)
    pieces = [part.lower() for part in KEPT.split(text)]
    out = pieces[0]
    for piece in pieces[1:]:
        link = next(rest)
        out += (link.lower() if link.startswith("“") else link) + piece
    return out


def _mistyped(word: str, random: Random) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    at = random.randrange(1, len(word) - 2)
    return random.choice((
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
    ))  # fmt: skip

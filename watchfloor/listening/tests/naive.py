"""The query language once more, written plainly from its definition and slowly: what the fast one is compared with.

Shares nothing with it but the parsed tree.
"""

from __future__ import annotations

import unicodedata
from itertools import product

import regex

from watchfloor.listening.language.tree import And, Field, Near, Node, Not, Or, Piece, Query, Term
from watchfloor.sources.post import Post

HIDDEN = {0xAD, 0x200B, 0x200C, 0x200E, 0x200F, 0xFEFF}
HIDDEN |= {*range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A)}
SPACELESS = ("Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar")


def is_word(sign: str) -> bool:
    return sign == "_" or (sign != "ℹ" and bool(regex.match(r"[\p{L}\p{M}\p{N}]", sign)))


def is_letter(sign: str) -> bool:
    return bool(regex.match(r"[\p{L}\p{M}]", sign))


def is_single(sign: str) -> bool:
    # What such a script shares with Latin (accents, U+02BC) stays with its letter.
    return (
        is_word(sign)
        and not regex.match(r"\p{scx=Latin}", sign)
        and any(regex.match(rf"\p{{scx={script}}}", sign) for script in SPACELESS)
    )


def is_tone(sign: str) -> bool:
    return bool(regex.match(r"\p{Emoji_Modifier}", sign))


def is_flag_letter(sign: str) -> bool:
    return 0x1F1E6 <= ord(sign) <= 0x1F1FF


def is_emoji(sign: str) -> bool:
    return (
        bool(regex.match(r"\p{Emoji}", sign))
        and sign not in "0123456789#*"
        and not is_tone(sign)
        and not is_flag_letter(sign)
    )


def is_tail(sign: str) -> bool:
    return is_tone(sign) or sign in "\ufe0f\ufe0e" or 0xE0020 <= ord(sign) <= 0xE007F


def normalised(token: str) -> str:
    token = unicodedata.normalize("NFKC", token.replace("\ufe0f", "").replace("\ufe0e", "")).casefold()
    kept, latin_or_greek = [], False
    for sign in unicodedata.normalize("NFD", token):
        if regex.match(r"\p{L}", sign):
            latin_or_greek = bool(regex.match(r"[\p{Latin}\p{Greek}]", sign))
        elif not regex.match(r"\p{M}", sign):
            latin_or_greek = False
        if not (latin_or_greek and 0x300 <= ord(sign) <= 0x36F):
            kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


def spelt(token: str) -> str:
    return unicodedata.normalize(
        "NFC", token.replace("'", "").replace("’", "").replace("\ufe0f", "").replace("\ufe0e", "")
    )


class Naive:
    """`at[position]` holds every (form, exact form, span) that is found there."""

    def __init__(self, title: str | None, text: str) -> None:
        whole = unicodedata.normalize("NFC", text if title is None else title + "\n" + text)
        self.links = [link for link in regex.findall(r"[hH][tT][tT][pP][sS]?://\S*", whole) if not link.endswith("://")]
        whole = regex.sub(r"[hH][tT][tT][pP][sS]?://\S*", " ", whole)
        self.text = self.without_hidden(whole)
        self.at: list[set[tuple[str, str, int]]] = []
        self.emoji = self.hashtag = self.handle = False
        self.read()

    @staticmethod
    def without_hidden(text: str) -> str:
        signs = [sign for sign in text if ord(sign) not in HIDDEN]
        kept = []
        for i, sign in enumerate(signs):
            if sign == "\u200d":
                before = i - 1
                while before >= 0 and is_tail(signs[before]):
                    before -= 1
                joins = before >= 0 and is_emoji(signs[before]) and i + 1 < len(signs) and is_emoji(signs[i + 1])
                if not joins:
                    continue
            if sign in "\ufe0e\ufe0f":
                before = i - 1
                while before >= 0 and is_tail(signs[before]):
                    before -= 1
                after = before >= 0 and (is_emoji(signs[before]) or is_flag_letter(signs[before]))
                keycap = "".join(signs[i - 1 : i + 2])[1:] == sign + "\u20e3" and signs[i - 1] in "0123456789#＃*"
                if not after and not keycap:
                    continue
            kept.append(sign)
        return "".join(kept)

    def emoji_at(self, i: int) -> int:
        """The length of the emoji that begins at i, or 0."""
        text = self.text
        keycap = regex.compile(r"[0-9#＃*][\ufe0e\ufe0f]?\u20e3").match(text, i)
        if keycap:
            return len(keycap.group())
        if i < len(text) and is_flag_letter(text[i]):
            end = i + (2 if i + 1 < len(text) and is_flag_letter(text[i + 1]) else 1)
            while end < len(text) and is_tail(text[end]):
                end += 1
            return end - i
        if i >= len(text) or not is_emoji(text[i]):
            return 0
        end = i + 1
        while True:
            while end < len(text) and is_tail(text[end]):
                end += 1
            if end + 1 < len(text) and text[end] == "\u200d" and is_emoji(text[end + 1]):
                end += 2
            else:
                return end - i

    def run_at(self, i: int) -> int:
        """Where the run of word characters that begins at i ends."""
        while i < len(self.text) and is_word(self.text[i]) and not self.emoji_at(i):
            i += 1
        return i

    def add_run(self, run: str) -> int:
        """Add the positions of a run without apostrophes."""
        before = len(self.at)
        for part in self.parts(run):
            if normalised(part):
                self.at.append({(normalised(part), spelt(part), 1)})
        return len(self.at) - before

    @staticmethod
    def parts(run: str) -> list[str]:
        parts: list[str] = []
        word = ""
        for sign in run:
            if is_single(sign):
                parts += [word, sign] if word else [sign]
                word = ""
            else:
                word += sign
        return [*parts, word] if word else parts

    def read(self) -> None:
        text, i = self.text, 0
        after_word = False
        while i < len(text):
            length = self.emoji_at(i)
            if length:
                form = normalised(
                    "".join(s for s in text[i : i + length] if not is_tone(s) and s not in "\ufe0e\ufe0f")
                )
                self.at.append({(form, form, 1)})
                self.emoji = True
                i += length
                after_word = False
            elif text[i] in "#＃" and not after_word and self.run_at(i + 1) > i + 1:
                i = self.read_hashtag(i)
                after_word = True
            elif text[i] in "@＠" and not after_word and self.run_at(i + 1) > i + 1:
                i = self.read_handle(i)
                after_word = True
            elif is_word(text[i]):
                i = self.read_word(i)
                after_word = True
            else:
                i += 1
                after_word = False

    def read_word(self, i: int) -> int:
        text = self.text
        if is_single(text[i]):
            self.at.append({(normalised(text[i]), spelt(text[i]), 1)})
            return i + 1
        end = i
        while end < len(text):
            if (is_word(text[end]) and not is_single(text[end]) and not self.emoji_at(end)) or (
                text[end] in "'’"
                and is_letter(text[end - 1])
                and end + 1 < len(text)
                and regex.match(r"\p{L}", text[end + 1])
                and is_word(text[end + 1])
                and not is_single(text[end + 1])
            ):
                end += 1
            else:
                break
        word = text[i:end]
        joined = word.replace("'", "").replace("’", "")
        if normalised(joined):
            here = {(normalised(joined), spelt(joined), 1)}
            if regex.search(r"['’][sS]$", word):
                short = word[:-2].replace("'", "").replace("’", "")
                here.add((normalised(short), spelt(short), 1))
            self.at.append(here)
        return end

    def skip_possessive(self, i: int) -> int:
        if regex.compile(r"['’][sS]").match(self.text, i) and self.run_at(i + 2) == i + 2:
            return i + 2
        return i

    def read_hashtag(self, i: int) -> int:
        end, position = self.run_at(i + 1), len(self.at)
        word = self.text[i + 1 : end]
        span = self.add_run(word)
        if span:
            self.hashtag = True
            self.at[position].add(("#" + normalised(word), "#" + spelt(word), span))
        return self.skip_possessive(end)

    def read_handle(self, i: int) -> int:
        text, position = self.text, len(self.at)
        first = end = self.run_at(i + 1)
        ats = 0
        while end < len(text) and text[end] in ".-@＠" and self.run_at(end + 1) > end + 1:
            if text[end] in "@＠":
                ats += 1
                if ats > 1:
                    break
            end = self.run_at(end + 1)
        span = self.add_run(text[i + 1 : first])
        if span:
            self.handle = True
            for name in (text[i + 1 : first], text[i + 1 : end]):
                exact = "@" + spelt(name).replace("＠", "@")
                self.at[position].add(("@" + normalised(name), exact, span))
        return self.skip_possessive(end)


# --- Evaluating ----------------------------------------------------------------------------------------------------


def naive_matches(query: Query, post: Post) -> bool:
    return _true(query.root, post, Naive(post.title, post.text))


def _true(node: Node, post: Post, naive: Naive) -> bool:
    if isinstance(node, And):
        return all(_true(part, post, naive) for part in node.parts)
    if isinstance(node, Or):
        return any(_true(part, post, naive) for part in node.parts)
    if isinstance(node, Not):
        return not _true(node.part, post, naive)
    if isinstance(node, Term):
        return bool(_occurrences(node, naive))
    if isinstance(node, Near):
        pairs = product(_operand(node.left, naive), _operand(node.right, naive))
        return any(_is_near(left, right, node) for left, right in pairs)
    return _field_true(node, post, naive)


def _operand(node: Node, naive: Naive) -> list[tuple[int, int]]:
    terms = node.parts if isinstance(node, Or) else (node,)
    return [found for term in terms if isinstance(term, Term) for found in _occurrences(term, naive)]


def _is_near(left: tuple[int, int], right: tuple[int, int], node: Near) -> bool:
    if 0 < right[0] - left[1] <= node.distance:
        return True
    return not node.ordered and 0 < left[0] - right[1] <= node.distance


def _occurrences(term: Term, naive: Naive) -> list[tuple[int, int]]:
    found = []
    for start in range(len(naive.at)):
        if all(_stands(piece, start + piece.at, term.exact, naive) for piece in term.pieces):
            last = term.pieces[-1]
            found.append((start, start + last.at + last.span - 1))
    return found


def _stands(piece: Piece, position: int, exact: bool, naive: Naive) -> bool:
    if position >= len(naive.at):
        return False
    forms = [exact_form if exact else form for form, exact_form, _ in naive.at[position]]
    return any(form.startswith(piece.form) if piece.prefix else form == piece.form for form in forms)


def _field_true(field: Field, post: Post, naive: Naive) -> bool:
    value = field.value
    if field.name == "network":
        return post.network == value
    if field.name == "lang":
        return post.lang is not None and (post.lang.lower() == value or post.lang.lower().startswith(value + "-"))
    if field.name == "sentiment":
        return post.sentiment == value
    if field.name in ("followers", "engagement"):
        count = post.author.followers if field.name == "followers" else post.metrics.engagement
        return count is not None and (field.low or 0) <= count <= (10**30 if field.high is None else field.high)
    if field.name == "is":
        told = {"reply": post.reply_to, "repost": post.repost_of, "quote": post.quote_of}
        return not any(told.values()) if value == "original" else told[value] is not None
    if field.name == "has":
        text = (post.title or "") + "\n" + post.text
        kinds = [medium.kind for medium in post.media]
        return {
            "link": bool(post.links) or bool(naive.links),
            "photo": "photo" in kinds,
            "video": "video" in kinds,
            "media": bool(kinds),
            "hashtag": naive.hashtag,
            "mention": naive.handle,
            "emoji": naive.emoji,
            "question": any(mark in regex.sub(r"[hH][tT][tT][pP][sS]?://\S*", "", text) for mark in "?？؟\u037e"),
        }[value]
    links = [*post.links, *naive.links]
    if field.name == "link":
        return any(value.casefold() in link.casefold() for link in links)
    if field.name == "author":
        handle = (post.author.handle or "").lstrip("@")
        first = regex.match(r"[\p{L}\p{M}\p{N}_]*", handle)
        names = [handle, first.group() if first else "", post.author.name or ""]
        return value.removeprefix("@") in [normalised(name) for name in names if name]
    assert field.name == "site"
    hosts = [regex.match(r"(?i)[a-z]+://(?:[^/?#]*@)?([\w.-]*)", link) for link in [post.url or "", *links]]
    return any(host and ("." + host[1].lower().strip(".")).endswith("." + value) for host in hosts)

"""Which language a post is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.mentions.labels import Language, label_language
from watchfloor.mentions.labels.language import normalise_code
from watchfloor.mentions.labels.tests.posts import a_post

GERMAN = "Ich freue mich sehr auf die Konferenz, das Programm ist wirklich gut geworden."


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ("en", "en"),
        ("en-GB", "en-GB"),
        ("EN_gb", "en-GB"),
        (" fr ", "fr"),
        ("deu", "de"),
        ("ger", "de"),
        ("iw", "he"),
        ("in", "id"),
        ("cmn", "zh"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("de-DE-1996", "de-DE"),
        ("haw", "haw"),
    ],
)
def test_a_declared_language_counts_in_its_usual_spelling(declared: str, kept: str) -> None:
    assert label_language(a_post(GERMAN, lang=declared)) == Language(kept, "declared/1", 1.0)


@pytest.mark.parametrize(
    "declared",
    ["", "xx", "und", "zxx", "mul", "qaa", "human", "e", "en-", "en us", "x-klingon", "\x00", "英語", "e" * 99],
)
def test_a_declaration_that_names_no_language_is_passed_over(declared: str) -> None:
    assert normalise_code(declared) is None
    found = label_language(a_post(GERMAN, lang=declared))
    assert (found.code, found.by) == ("de", "cld2/1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The keynote starts at nine and the coffee is already gone.", "en"),
        (GERMAN, "de"),
        ("Le programme de la conférence est vraiment très intéressant cette année.", "fr"),
        ("El programa de la conferencia de este año es realmente muy interesante.", "es"),
        ("今日の講演はとても面白かったです。", "ja"),
        ("오늘 발표가 정말 재미있었어요", "ko"),
        ("今天的会议非常有意思,我很喜欢", "zh"),
        ("วันนี้อากาศดีมากครับ", "th"),
        ("Сегодня была очень интересная конференция, спасибо организаторам.", "ru"),
        ("كان المؤتمر اليوم ممتعا للغاية وشكرا للمنظمين", "ar"),
        ("आज का सम्मेलन बहुत अच्छा था", "hi"),
        ("היה היום כנס מעניין מאוד", "he"),
    ],
)
def test_it_is_guessed_where_nothing_is_declared(text: str, code: str) -> None:
    found = label_language(a_post(text))
    assert (found.code, found.by) == (code, "cld2/1")
    assert found.confidence is not None
    assert 0.5 < found.confidence <= 1


@pytest.mark.parametrize("text", ["Thank you!!", "thanks", "I love this!", "@host what now?", "so sorry"])
def test_short_english_is_told_by_its_words(text: str) -> None:
    found = label_language(a_post(text))
    assert (found.code, found.by) == ("en", "english-words/1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "ok",
        "lol",
        "merci",
        "👍👍👍",
        "🎉",
        "https://example.org/the-keynote-was-great",
        "@ana @ben @cleo",
        "#thisisgreat #weloveit",
        "12:30 – 14:00",
        "?!?!",
        "da la die",
    ],
)
def test_it_stays_unknown_where_there_is_too_little_to_tell(text: str) -> None:
    found = label_language(a_post(text))
    assert found.code is None
    assert found.confidence is None


def test_links_handles_and_tags_do_not_decide() -> None:
    english = "@wirklichgut #dasistdeutsch https://example.de/wir-freuen-uns-auf-die-konferenz "
    assert label_language(a_post(english + "we are looking forward to the conference")).code == "en"


@pytest.mark.parametrize(
    "dirt", ["\x00", "\x07\x1b[2J", "\ud800", "\ufdd0", "\uffff", "\u0378", "\u202e", "\ufeff", "\U000e0041"]
)
def test_characters_that_cld2_refuses_do_not_hide_the_language(dirt: str) -> None:
    assert label_language(a_post(f"Ich freue mich {dirt} sehr auf die {dirt}Konferenz in diesem Jahr.")).code == "de"


@pytest.mark.parametrize("unit", ["a", "a@", "@", "#", "http://", "é", "今", "\x00", "word ", "'", "1.", "👩‍👩‍👧"])
def test_a_megabyte_of_anything_is_answered(unit: str) -> None:
    label_language(a_post(unit * (1_000_000 // len(unit))))


@given(text=st.text(st.characters(codec=None), max_size=200), lang=st.none() | st.text(max_size=12))
def test_it_never_fails_and_never_claims_without_confidence(text: str, lang: str | None) -> None:
    found = label_language(a_post(text, lang=lang))
    assert (found.code is None) == (found.confidence is None)
    assert found == label_language(a_post(text, lang=lang))

"""How a post sounds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.mentions.labels import label_sentiment
from watchfloor.mentions.labels.sentiment import shipped_model
from watchfloor.mentions.labels.tests.posts import a_post

PLEASED = [
    "I love this conference, the talks are amazing!",
    "Thank you so much, that was a wonderful workshop :)",
    "Best keynote ever 😍",
    "Not bad at all, I really enjoyed it",
    "soooo happy to be here!!!",
]
DISPLEASED = [
    "The wifi is down again. This is terrible.",
    "Worst registration queue ever, two hours of waiting and nobody cares",
    "I am not happy with this at all",
    "so disappointed, my talk was cancelled :(",
    "This app is useless and keeps crashing",
]
MATTER_OF_FACT = [
    "The session on Tuesday starts at 10:30 in room B.",
    "Ana Silva speaks tomorrow about databases https://example.org/programme",
    "Registration opens at 8 on Monday",
]


@pytest.mark.parametrize("text", PLEASED)
def test_pleased_posts_are_positive(text: str) -> None:
    said = label_sentiment(a_post(text), "en")
    assert said.value == "positive"
    assert said.score is not None
    assert said.score > 0.2


@pytest.mark.parametrize("text", DISPLEASED)
def test_complaints_are_negative(text: str) -> None:
    said = label_sentiment(a_post(text), "en-GB")
    assert said.value == "negative"
    assert said.score is not None
    assert said.score < -0.2


@pytest.mark.parametrize("text", MATTER_OF_FACT)
def test_announcements_are_neutral(text: str) -> None:
    assert label_sentiment(a_post(text), "en").value == "neutral"


@pytest.mark.parametrize(
    ("plain", "turned"),
    [("I like it", "I don't like it"), ("this is good", "this is not good"), ("it was fun", "it was never fun")],
)
def test_a_negation_turns_it(plain: str, turned: str) -> None:
    before, after = label_sentiment(a_post(plain), "en"), label_sentiment(a_post(turned), "en")
    assert before.score is not None
    assert after.score is not None
    assert after.score < before.score - 0.3


@pytest.mark.parametrize("code", [None, "de", "fr", "enm", "zh-Hant", "und", ""])
def test_other_languages_are_unknown(code: str | None) -> None:
    said = label_sentiment(a_post("I love it! Ich liebe es!"), code)
    assert (said.value, said.score, said.confidence) == (None, None, None)
    assert said.by == shipped_model().by


@pytest.mark.parametrize(
    "text",
    [
        "Ich finde das wirklich gut und schön, vielen Dank für alles, bis zum nächsten Jahr",
        "今日の講演はとても面白かったです。",
        "Сегодня была очень интересная конференция",
        "Kiitos kaikille puhujille ja järjestäjille, nähdään taas ensi vuonna samassa paikassa",
    ],
)
def test_a_text_that_is_hardly_english_is_unknown_whatever_it_declares(text: str) -> None:
    assert label_sentiment(a_post(text), "en").value is None


@pytest.mark.parametrize(
    "text", ["", "  ", "https://example.org/love", "@ana @ben", "12 34", "...", "?!", "\x00\x01", "www.example.org"]
)
def test_nothing_to_judge_is_unknown_not_neutral(text: str) -> None:
    assert label_sentiment(a_post(text), "en").value is None


def test_emoji_with_a_known_meaning_are_judged_alone() -> None:
    assert label_sentiment(a_post("😍😍"), "en").value == "positive"
    assert label_sentiment(a_post("😭😢"), "en").value == "negative"


def test_a_title_is_judged_too() -> None:
    alone = label_sentiment(a_post("Read on below the fold."), "en")
    titled = label_sentiment(a_post("Read on below the fold.", title="What a terrible, terrible disaster"), "en")
    assert alone.value == "neutral"
    assert titled.value == "negative"


def test_html_entities_and_curly_apostrophes_are_read() -> None:
    straight = label_sentiment(a_post('I don\'t like "this" & that'), "en")
    assert label_sentiment(a_post("I don&#39;t like &quot;this&quot; &amp; that"), "en") == straight
    assert label_sentiment(a_post('I don’t like "this" & that'), "en") == straight


@pytest.mark.parametrize(
    "unit", ["a", "good ", "!?", "not ", "#", "@", "'a", "1.", ":(", "&amp;", "é", "😍", "http://", "a'"]
)
def test_a_megabyte_of_anything_is_answered(unit: str) -> None:
    said = label_sentiment(a_post(unit * (1_000_000 // len(unit))), "en")
    assert said.score is None or -1 <= said.score <= 1


@given(st.text(st.characters(codec=None), max_size=300))
def test_the_score_agrees_with_the_value(text: str) -> None:
    said = label_sentiment(a_post(text), "en")
    if said.value is None:
        assert said.score is None
        assert said.confidence is None
        return
    assert said.score is not None
    assert said.confidence is not None
    assert -1 <= said.score <= 1
    assert 0 <= said.confidence <= 1
    if said.value != "neutral":
        assert (said.score > 0) == (said.value == "positive")


def test_threads_get_the_same_answers_as_one_after_another() -> None:
    posts = [a_post(f"{text} {number}") for number in range(40) for text in PLEASED + DISPLEASED + MATTER_OF_FACT]
    one_by_one = [label_sentiment(post, "en") for post in posts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda post: label_sentiment(post, "en"), posts)) == one_by_one


def test_remembering_words_stays_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    from watchfloor.mentions.labels import model as module
    from watchfloor.mentions.labels.sentiment import SHIPPED

    monkeypatch.setattr(module, "REMEMBERED_WORDS", 50)
    model = module.load_model(SHIPPED)
    texts = [f"word{chr(97 + n % 26)}{chr(97 + n // 26)} is good" for n in range(300)]
    assert [model.judge(text) for text in texts] == [shipped_model().judge(text) for text in texts]
    assert len(model._words) <= 50


def test_the_model_has_its_card() -> None:
    card = (Path(__file__).parents[1] / "models" / "CARD.md").read_text("utf-8")
    assert shipped_model().by in card

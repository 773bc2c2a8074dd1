"""The plug: ours and other packages' labellers, one after another."""

from __future__ import annotations

from collections.abc import Mapping

from watchfloor.mentions.labels import Label, Labeller, default_labellers, label_language, label_post, label_sentiment
from watchfloor.mentions.labels.tests.posts import a_post
from watchfloor.sources.post import Post


class SpanishLabeller:
    """Somebody else's labeller, for what ours leaves unknown."""

    name, version, kind = "spanish", "3", "sentiment"

    def label(self, post: Post, earlier: Mapping[str, Label] | None = None) -> Label:
        spanish = earlier is not None and earlier["language"].value == "es"
        return Label("sentiment", "positive" if spanish and "gracias" in post.text else None, "spanish/3")


def test_the_built_in_ones_satisfy_the_plug() -> None:
    for labeller in default_labellers():
        assert isinstance(labeller, Labeller)


def test_they_say_the_same_as_the_functions() -> None:
    for text in ("I love it, thank you!", "Ich freue mich auf die Konferenz in diesem Jahr", "👍"):
        post = a_post(text)
        labels = label_post(post, default_labellers())
        language = label_language(post)
        said = label_sentiment(post, language.code)
        assert labels["language"] == Label("language", language.code, language.by, confidence=language.confidence)
        assert labels["sentiment"] == Label(
            "sentiment", said.value, said.by, score=said.score, confidence=said.confidence
        )


def test_one_asked_alone_works_out_the_language_itself() -> None:
    sentiment = default_labellers()[1]
    assert sentiment.label(a_post("I love this conference, it is great")).value == "positive"
    assert sentiment.label(a_post("Ich freue mich auf die Konferenz in diesem Jahr")).value is None


def test_a_later_labeller_fills_in_what_an_earlier_one_left_unknown() -> None:
    both = [*default_labellers(), SpanishLabeller()]
    filled = label_post(a_post("muchas gracias a todos por venir a la conferencia de este año"), both)
    assert filled["sentiment"] == Label("sentiment", "positive", "spanish/3")
    known = label_post(a_post("I love this conference, it is great"), both)
    assert known["sentiment"].by != "spanish/3"
    unknown = label_post(a_post("la conferencia de este año ha empezado en la sala grande"), both)
    assert unknown["sentiment"].value is None

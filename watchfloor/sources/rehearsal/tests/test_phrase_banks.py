"""The phrase banks can be read and hang together."""

import pytest

from watchfloor.sources.rehearsal.cast import LANGUAGES
from watchfloor.sources.rehearsal.grammar import Bank, _Reader
from watchfloor.sources.rehearsal.languages import banks, themes

OF_THE_MOMENT = {
    "spk",
    "spkf",
    "spkl",
    "talk",
    "talk2",
    "role",
    "org",
    "hall",
    "hall2",
    "link",
    "claim",
    "it",
    "place",
    "who",
    "handle",
    "said",
}


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_every_reference_leads_somewhere(lang: str) -> None:
    bank = banks()[lang]
    known = OF_THE_MOMENT if lang == "en" else OF_THE_MOMENT - {"claim", "it", "place", "who", "handle", "said"}
    assert {name for name in bank.references() if name not in bank} <= known


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_every_language_has_praise_questions_and_replies(lang: str) -> None:
    assert {"talk", "question"} <= themes(lang)
    assert any(rule.startswith("re.positive") for rule in banks()[lang].rules)


def test_names_hang_together() -> None:
    names = Bank("names.txt")
    assert all(name in names for name in names.references())


@pytest.mark.parametrize("line", ["{a|b", "a}", "<a", "{<a|b}"])
def test_a_broken_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="without"):
        _Reader(line).sequence()

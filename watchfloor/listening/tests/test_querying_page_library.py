"""docs/querying.md names every template and every noise snippet, with its query, and the figures of emerging terms."""

from __future__ import annotations

from pathlib import Path

from watchfloor.listening.library import snippets, templates, use_cases
from watchfloor.listening.trends import score

PAGE = (Path(__file__).resolve().parents[3] / "docs/querying.md").read_text()


def rows(heading):
    part = PAGE.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_every_template_stands_under_its_use_case():
    for key, name in use_cases().items():
        assert rows(f"### {name}") == [f"| {one.name} | `{one.query}` |" for one in templates() if one.use_case == key]


def test_every_noise_snippet_is_there():
    assert rows("## Noise") == [f"| {one.name} | `{one.query}` |" for one in snippets()]


def test_the_figures_of_emerging_terms_are_those_in_force():
    text = " ".join(PAGE.split("## Emerging terms", 1)[1].split("\n## ", 1)[0].split())
    assert f"(formula {score.FORMULA})" in text
    assert f"from {score.HASHTAG.fewest_authors} authors and a score of {score.HASHTAG.least_score:g} on" in text
    assert f"phrases from {score.PHRASE.fewest_authors} and {score.PHRASE.least_score:g} on" in text
    assert f"none before {score.FEWEST_WINDOWS} windows with {score.FEWEST_AUTHORS_BEFORE} authors" in text
    assert f"over the {score.PREVIOUS} windows before" in text

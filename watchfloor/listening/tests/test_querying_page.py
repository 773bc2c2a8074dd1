"""docs/querying.md names every operator, field and value, and its examples can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watchfloor.listening.language.fields import FIELDS, HAS, IS, SENTIMENTS
from watchfloor.listening.language.read import read
from watchfloor.listening.language.tree import MAX_CHARACTERS, MAX_LEVELS, MAX_TERMS
from watchfloor.listening.language.words import in_words

PAGE = (Path(__file__).parents[3] / "docs" / "querying.md").read_text("utf-8")
VALUES = [f"has:{value}" for value in HAS] + [f"is:{value}" for value in IS] + [f"sentiment:{s}" for s in SENTIMENTS]
IN_TABLES = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)))


@pytest.mark.parametrize(
    "operator", ["( … )", "NEAR/5 ", "NEAR/5f", "NOT ", "-", " AND ", " OR ", "{", "*", '"', "#", "@"]
)
def test_every_operator_is_on_the_page(operator):
    assert f"`{operator}" in PAGE or any(operator in example for example in IN_TABLES)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_on_the_page(field):
    assert any(example.startswith(f"{field}:") for example in IN_TABLES)


@pytest.mark.parametrize("value", VALUES)
def test_every_value_is_on_the_page(value):
    assert value in IN_TABLES


@pytest.mark.parametrize("example", [example for example in IN_TABLES if example != "( … )"])
def test_every_example_can_be_read(example):
    in_words(read(f"({example}) coffee"))


def test_the_limits_are_on_the_page():
    for limit in (MAX_CHARACTERS, MAX_TERMS, MAX_LEVELS):
        assert f"{limit:,}" in PAGE


def test_the_sentence_on_the_page_is_what_it_says():
    query, sentence = re.search(r"^    (\".*)\n    → (.*)$", PAGE, re.MULTILINE).groups()
    assert in_words(read(query)) == sentence

"""docs/rules.md is the rules, word by word."""

from __future__ import annotations

from pathlib import Path

from watchfloor.missions.rules_page import rules_page

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "rules.md"


def test_the_manual_equals_the_rules():
    assert MANUAL.read_text() == rules_page(), "Run: watchfloor manage rules_doc > docs/rules.md"

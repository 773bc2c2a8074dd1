"""docs/exploring.md says what the product does."""

from __future__ import annotations

import re
from pathlib import Path

from watchfloor.mentions import conversation, explore_reads, exports
from watchfloor.mentions.labels import accuracy, queue, refit

ROOT = Path(__file__).resolve().parents[3]
PAGE = " ".join((ROOT / "docs/exploring.md").read_text().split())


def test_it_names_the_numbers_that_are_in_force():
    for words in (
        f"among the newest {explore_reads.LOOKED_AT:,} mentions",
        f"at most {conversation.LOOKED_THROUGH:,} of them",
        f"at most {exports.MOST_ROWS:,} mentions",
        f"about the newest {queue.LOOKED_AT:,} mentions",
        f"from {accuracy.FEWEST} checks on",
        f"after every {refit.NEW_WORDS} words",
    ):
        assert words in PAGE, words
    assert conversation.STRETCHES[-1].days == 7
    assert refit.NOT_OFTENER.total_seconds() == 600


def test_it_names_every_key_of_the_page():
    page = (ROOT / "watchfloor/mentions/templates/mentions/_explore_keys.html").read_text()
    keys = re.findall(r'class="wf-key">(.)<', page)
    assert len(keys) > 5
    assert not [key for key in keys if f"`{key}`" not in PAGE]

from datetime import timedelta

import pytest

from watchfloor.lib.spans import short_span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ],
)
def test_it_rounds_down_to_the_largest_unit(seconds, words):
    assert short_span(timedelta(seconds=seconds)) == words

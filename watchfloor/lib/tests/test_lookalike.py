import pytest

from watchfloor.lib.lookalike import mixes_scripts


@pytest.mark.parametrize(
    "handle", ["раypal", "ana.раypal.example", "gооgle", "αpple.bsky.social", "ana\u200bb", "\u202eana"]
)
def test_mixed_scripts_and_unseen_characters_are_marked(handle):
    assert mixes_scripts(handle)


@pytest.mark.parametrize(
    "handle", ["paypal", "анна.bsky.social", "小林aoi", "rania.حداد", "Łukasz", "zoë_9", "", "ελένη", "東京tower"]
)
def test_honest_names_are_not(handle):
    assert not mixes_scripts(handle)

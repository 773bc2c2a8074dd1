from hypothesis import given
from hypothesis import strategies as st

from watchfloor.listening.diff import differences

QUERIES = st.text(alphabet='ab ()"#*\n', max_size=40)


def test_it_names_what_came_and_what_went():
    changes = [(c.kind, c.text) for c in differences("(a OR b) NOT coffee", "(a OR b OR c) -x")]
    assert ("added", " OR c") in [(kind, text.rstrip() if kind == "added" else text) for kind, text in changes]
    assert any(kind == "removed" and "coffee" in text for kind, text in changes)


@given(QUERIES, QUERIES)
def test_both_versions_can_be_read_from_it(before, after):
    changes = differences(before, after)
    assert "".join(c.text for c in changes if c.kind != "removed") == after
    assert "".join(c.text for c in changes if c.kind != "added") == before

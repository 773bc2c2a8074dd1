from hypothesis import given
from hypothesis import strategies as st

from watchfloor.listening.diff import Change, differences, is_same_query, what_changes
from watchfloor.listening.language.read import read

QUERIES = st.text(alphabet='ab ()"#*\n{}-:', max_size=40)


def bare(text):
    return "".join(text.split())


def test_it_names_what_came_and_what_went():
    changes = differences("(a OR b) NOT coffee", "(a OR b OR c) -x")
    assert Change("added", " OR c") in changes
    assert Change("removed", " NOT coffee") in changes


def test_a_phrase_a_field_and_an_exact_word_change_as_a_whole():
    before, after = '"flat white" author:"Ana Lee" {Gap Inc}', '"flat black" author:"Ana Lee" {Gap GmbH}'
    assert differences(before, after) == [
        Change("removed", '"flat white"'),
        Change("added", '"flat black"'),
        Change("same", ' author:"Ana Lee"'),
        Change("removed", " {Gap Inc}"),
        Change("added", " {Gap GmbH}"),
    ]


@given(QUERIES, QUERIES)
def test_both_versions_can_be_read_from_it(before, after):
    changes = differences(before, after)
    assert "".join(c.text for c in changes if c.kind != "removed") == after
    assert bare("".join(c.text for c in changes if c.kind != "added")) == bare(before)


@given(st.lists(st.sampled_from(["a", "OR", "(", ")", '"a b"']), max_size=12))
def test_white_space_alone_is_no_change(tokens):
    assert is_same_query(" ".join(tokens), "\n  ".join(tokens))


def test_long_queries_are_compared_by_their_ends():
    words = [f"w{n}" for n in range(4_000)]
    before, after = " OR ".join(words), " OR ".join([*words[:2_000], "new", *words[2_000:]])
    changes = differences(before, after)
    assert "".join(c.text for c in changes if c.kind == "added").split() in (["OR", "new"], ["new", "OR"])


def test_it_says_what_is_looked_for_and_shut_out_now():
    means = what_changes(
        read("(#askpivot OR @pivot) lang:en NOT coffee"), read("(#askpivot OR #pivotfood) NOT (offer* OR lang:de)")
    )
    assert means.looks_for == ["#pivotfood"]
    assert means.no_longer_looks_for == ["@pivot", "lang:en"]
    assert means.shuts_out == ["offer*", "lang:de"]
    assert means.no_longer_shuts_out == ["coffee"]


def test_twice_shut_out_is_looked_for():
    assert what_changes(read("a"), read("a NOT (b NOT c)")).looks_for == ["c"]

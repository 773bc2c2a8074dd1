from watchfloor.lib.kept import Kept


def test_a_value_is_made_once():
    made: list[int] = []
    kept: Kept[str] = Kept(2)
    for _ in range(3):
        assert kept.get("a", lambda: made.append(1) or "A") == "A"
    assert len(made) == 1


def test_what_was_used_least_recently_goes_first():
    kept: Kept[str] = Kept(2)
    kept.get("a", lambda: "A")
    kept.get("b", lambda: "B")
    kept.get("a", lambda: "again")
    kept.get("c", lambda: "C")
    assert kept.get("a", lambda: "again") == "A"
    assert kept.get("b", lambda: "again") == "again"
    assert len(kept) == 2

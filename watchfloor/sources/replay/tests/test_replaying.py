"""Recorded posts played again, on a set clock."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.sources.clock import SetClock
from watchfloor.sources.post import Post
from watchfloor.sources.replay import ReplaySettings, ReplaySource, open_recording
from watchfloor.sources.source import Batch, CannotReply, Event, NeedsHands, Reply, Source, Unreadable, Written

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
BEGAN = datetime(2018, 7, 10, 9, 0, tzinfo=UTC)
# Recorded out of order, one minute apart; every third answers the one before.
POSTS = [
    Post(
        "bluesky",
        f"at://x/{n}",
        f"post {n}",
        BEGAN + timedelta(minutes=n),
        reply_to=f"at://x/{n - 1}" if n % 3 == 2 else None,
    )
    for n in (3, 0, 1, 2, *range(4, 120))
]
IN_ORDER = sorted(POSTS, key=lambda p: p.created_at)


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "imports"
    folder.mkdir()
    (folder / "talk.jsonl").write_bytes(b"\n".join(msgspec.json.encode(p) for p in POSTS) + b"\n")
    (folder.parent / "secret.jsonl").write_bytes(msgspec.json.encode(POSTS[0]))
    (folder / "way-out.jsonl").symlink_to(folder.parent / "secret.jsonl")
    (folder / "empty.jsonl").write_bytes(b"\n\n")
    return folder


def replayed(
    chosen: ReplaySettings,
    folder: Path,
    *,
    clock: SetClock | None = None,
    cursor: str | None = None,
    most: int = 10_000,
) -> list[Batch]:
    async def collect() -> list[Batch]:
        found: list[Batch] = []
        source = ReplaySource(clock or SetClock(NOW), lambda: folder)
        async for batch in source.listen(chosen, cursor=cursor, secrets={}):
            found.append(batch)
            if len(found) >= most:
                break
        return found

    return asyncio.run(collect())


def events_of(batches: list[Batch]) -> list[Event]:
    return [event for batch in batches for event in batch.events]


def posts_of(batches: list[Batch]) -> list[Post]:
    return [event.post for event in events_of(batches) if isinstance(event, Written)]


def test_it_keeps_the_contract() -> None:
    assert isinstance(ReplaySource(), Source)


def test_posts_come_in_the_order_they_were_written_and_keep_their_ids_and_times(imports: Path) -> None:
    found = posts_of(replayed(ReplaySettings(path="talk.jsonl", shift=False), imports))
    assert found == IN_ORDER


def test_shifted_posts_are_new_posts_dated_as_they_come(imports: Path) -> None:
    clock = SetClock(NOW)
    batches = replayed(ReplaySettings(path="talk.jsonl", speed=60), imports, clock=clock)
    found = posts_of(batches)
    assert [p.text for p in found] == [p.text for p in IN_ORDER]
    assert [p.created_at for p in found] == [NOW + timedelta(seconds=n) for n in range(120)]
    ids = {p.id for p in found}
    assert len(ids) == 120
    assert not ids & {p.id for p in POSTS}
    assert all(p.reply_to in ids for p in found if p.reply_to)
    assert clock.time == NOW + timedelta(seconds=119)
    for event in events_of(batches):
        assert isinstance(event, Written)
        assert ReplaySource().parse(event.raw) == [event]


@pytest.mark.parametrize("speed", [1, 10, 1000])
def test_the_speed_is_kept(imports: Path, speed: float) -> None:
    clock = SetClock(NOW)
    replayed(ReplaySettings(path="talk.jsonl", speed=speed), imports, clock=clock)
    assert abs((clock.time - NOW) - timedelta(minutes=119) / speed) < timedelta(milliseconds=60)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 100), away=st.integers(0, 3000), shift=st.booleans())
def test_going_on_from_any_cursor_gives_the_same_sequence(imports: Path, at: int, away: int, shift: bool) -> None:
    chosen = ReplaySettings(path="talk.jsonl", speed=60, shift=shift)
    whole = replayed(chosen, imports)
    at = min(at, len(whole) - 1)
    after = replayed(chosen, imports, clock=SetClock(NOW + timedelta(seconds=away)), cursor=whole[at].cursor)
    assert events_of(whole[: at + 1]) + events_of(after) == events_of(whole)


def test_after_a_long_absence_it_goes_on_now(imports: Path) -> None:
    chosen = ReplaySettings(path="talk.jsonl", speed=60)
    whole = replayed(chosen, imports)
    later = NOW + timedelta(days=2)
    after = posts_of(replayed(chosen, imports, clock=SetClock(later), cursor=whole[50].cursor))
    assert [p.id for p in after] == [p.id for p in posts_of(whole[51:])]
    assert min(p.created_at for p in after) == later


def test_it_starts_over_with_new_ids(imports: Path) -> None:
    rounds = posts_of(replayed(ReplaySettings(path="talk.jsonl", speed=1000, loop=True), imports, most=300))
    assert len(rounds) > 240
    assert len({p.id for p in rounds}) == len(rounds)
    assert [p.text for p in rounds[:120]] == [p.text for p in rounds[120:240]]


def test_a_line_that_cannot_be_read_is_told_and_the_rest_goes_on(imports: Path) -> None:
    lines = [msgspec.json.encode(p) for p in POSTS[:5]]
    (imports / "broken.jsonl").write_bytes(
        b"\n".join([b"{oops", *lines[:2], b'{"network": 3}', b"\xff\xfe", *lines[2:]])
    )
    events = events_of(replayed(ReplaySettings(path="broken.jsonl", speed=1000), imports))
    assert sum(isinstance(e, Unreadable) for e in events) == 3
    assert sum(isinstance(e, Written) for e in events) == 5


def test_a_giant_line_does_not_stop_it(imports: Path) -> None:
    lines = [msgspec.json.encode(p) for p in POSTS[:2]]
    (imports / "giant.jsonl").write_bytes(lines[0] + b"\n" + b"x" * 5_000_000 + b"\n" + lines[1])
    events = events_of(replayed(ReplaySettings(path="giant.jsonl", speed=1000), imports))
    assert [type(e) for e in events].count(Written) == 2
    assert [type(e) for e in events].count(Unreadable) == 1


@pytest.mark.parametrize(
    "path",
    ["../secret.jsonl", "/etc/passwd", "way-out.jsonl", ".", "", "none.jsonl", "a\0b", "x" * 5000, "~/x", "../imports"],
)
def test_a_path_that_leads_out_of_imports_is_refused(imports: Path, path: str) -> None:
    with pytest.raises(NeedsHands, match="no readable file"):
        open_recording(path, imports)


def test_a_recording_without_posts_needs_hands(imports: Path) -> None:
    with pytest.raises(NeedsHands, match="found no post"):
        replayed(ReplaySettings(path="empty.jsonl"), imports)


def test_stored_posts_come_from_the_provider(imports: Path) -> None:
    def stored(settings: ReplaySettings) -> Iterator[Post]:
        assert settings.mission == "pivot"
        yield from IN_ORDER[10:20]

    source = ReplaySource(SetClock(NOW), lambda: imports)
    source.providers["stored"] = stored

    async def collect() -> list[Post]:
        chosen = ReplaySettings(mission="pivot", speed=1000, shift=False)
        return posts_of([batch async for batch in source.listen(chosen, cursor=None, secrets={})])

    assert asyncio.run(collect()) == IN_ORDER[10:20]


def test_without_a_provider_stored_posts_need_hands(imports: Path) -> None:
    with pytest.raises(NeedsHands, match="no store"):
        replayed(ReplaySettings(mission="pivot"), imports)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"path": "a", "mission": "b"}, {"path": "a", "speed": 0}, {"path": "a", "speed": 1001},
     {"path": "a", "loop": True, "shift": False}, {"path": "a", "colour": "red"}],
)  # fmt: skip
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, ReplaySettings)


def test_the_check_counts(imports: Path) -> None:
    source = ReplaySource(SetClock(NOW), lambda: imports)
    checked = asyncio.run(source.check(ReplaySettings(path="talk.jsonl"), secrets={}))
    assert checked.says == "Found 120 posts."


def test_a_strange_cursor_needs_hands(imports: Path) -> None:
    with pytest.raises(NeedsHands, match="cursor"):
        replayed(ReplaySettings(path="talk.jsonl"), imports, cursor="7")


def test_nobody_can_be_answered() -> None:
    with pytest.raises(CannotReply, match="replay"):
        asyncio.run(ReplaySource().reply(Reply("k", "x", "hi"), ReplaySettings(path="x"), secrets={}))

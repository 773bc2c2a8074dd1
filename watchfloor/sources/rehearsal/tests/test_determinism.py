"""The same seed gives the same event, wherever and whenever it is made."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest

from watchfloor.sources.rehearsal.made import Plan
from watchfloor.sources.rehearsal.parse import write_line
from watchfloor.sources.rehearsal.plan import plan

PRINT = (
    "from hashlib import sha256\n"
    "from watchfloor.sources.rehearsal.parse import write_line\n"
    "from watchfloor.sources.rehearsal.plan import plan\n"
    "print(sha256(b'\\n'.join(write_line(i.event) for i in plan(3, 1200, 2).items)).hexdigest())"
)


def digest(event: Plan) -> str:
    return sha256(b"\n".join(write_line(i.event) for i in event.items)).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_another_process_with_another_hash_seed_makes_the_same_bytes(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    done = subprocess.run([sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(plan(3, 1200, 2))


def test_it_is_the_same_when_other_events_were_made_before() -> None:
    once = digest(plan(3, 1200, 2))
    plan.cache_clear()
    plan(4, 500, 1)
    assert digest(plan(3, 1200, 2)) == once


def test_another_seed_makes_another_event_with_other_ids() -> None:
    one, other = plan(3, 1200, 2), plan(4, 1200, 2)
    assert not {p.id for p in one.posts} & {p.id for p in other.posts}
    assert [p.text for p in one.posts] != [p.text for p in other.posts]


@pytest.mark.parametrize(("posts", "days"), [(99, 2), (200_001, 2), (1000, 0), (1000, 15)])
def test_it_refuses_sizes_out_of_bounds(posts: int, days: int) -> None:
    with pytest.raises(ValueError, match="must be from"):
        plan(7, posts, days)

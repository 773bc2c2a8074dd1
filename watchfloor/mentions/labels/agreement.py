"""How far two people agree who were asked about the same posts.

    share  pₒ = posts on which both said the same / posts that both judged
    kappa  κ = (pₒ − pₑ) / (1 − pₑ), with pₑ = Σ over values of (share of first answers × share of second answers)

Cohen, "A coefficient of agreement for nominal scales", 1960. κ takes away what chance alone would bring: 0 is chance,
1 is full agreement. It is not defined where both always say the same one value (pₑ = 1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from watchfloor.mentions.marking import PersonLabel
from watchfloor.team.models import Mission


@dataclass(frozen=True)
class Agreement:
    """`share` 0 … 1; None where nothing was judged twice. `kappa` None: not defined."""

    pairs: int
    share: float | None
    kappa: float | None
    differ: tuple[int, ...] = ()  # posts on which they differ, newest first


def agreement(mission: Mission) -> Agreement:
    """Of the first two people who judged each post's sentiment; each one's last word on it counts."""
    rows = PersonLabel.objects.filter(
        mission=mission, kind=PersonLabel.Kind.SENTIMENT, takes_back=None, taken_back=None, by__isnull=False
    )
    words: dict[int, dict[int | None, str]] = {}
    for post, person, value in rows.order_by("pk").values_list("post_id", "by_id", "value"):
        words.setdefault(post, {})[person] = value
    both = {post: tuple(said.values())[:2] for post, said in words.items() if len(said) > 1}
    return agreement_of(
        both.values(), differ=tuple(sorted((post for post, (a, b) in both.items() if a != b), reverse=True))
    )


def agreement_of(pairs: Iterable[tuple[str, ...]], *, differ: tuple[int, ...] = ()) -> Agreement:
    pairs = list(pairs)
    if not pairs:
        return Agreement(0, None, None)
    n = len(pairs)
    share = sum(first == second for first, second in pairs) / n
    first, second = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    by_chance = sum(first[value] / n * second[value] / n for value in first)
    kappa = None if abs(1 - by_chance) < 1e-12 else (share - by_chance) / (1 - by_chance)
    return Agreement(n, share, kappa, differ)

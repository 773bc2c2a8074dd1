"""The queue of the least certain: which post to ask a person about next.

Four of five are those that the model is least sure of. Every fifth is a check: a post of the held part, drawn by
chance whatever the model thinks of it, and shown to two people. Checks say how right the model is and how far people
agree; without them people would be asked hard cases alone, and both figures would be too low.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from watchfloor.lib.kept import Kept
from watchfloor.mentions import reads
from watchfloor.mentions.labels.held import ONE_IN, chance_of, is_held
from watchfloor.mentions.labels.people import LabelRefused, say
from watchfloor.mentions.marking import PersonLabel, Skipped
from watchfloor.mentions.store.store import StoredPost
from watchfloor.team.models import Mission, Person

LOOKED_AT = 2_000  # of the newest posts
UNCERTAIN = 0.6  # below this the model says "please check"
Kind, Way = PersonLabel.Kind, PersonLabel.Way


@dataclass(frozen=True)
class Candidate:
    id: int
    confidence: float | None  # None: a person judged it
    is_held: bool
    chance: int


@dataclass(frozen=True)
class Turn:
    """`post` None: nothing is left to ask this person."""

    post: StoredPost | None
    is_check: bool
    by_you_today: int
    by_you: int
    by_all: int
    uncertain_left: int


_candidates: Kept[tuple[Candidate, ...]] = Kept(50)


def next_turn(mission: Mission, person: Person, now: datetime) -> Turn:
    """The post that `person` is asked about next, and how far the queue has come."""
    known = _look(mission, now)
    ids = [one.id for one in known]
    standing = PersonLabel.objects.filter(kind=Kind.SENTIMENT, takes_back=None, taken_back=None)
    said: dict[int, set[int | None]] = {}
    for post_id, who in standing.filter(post_id__in=ids).values_list("post_id", "by_id"):
        said.setdefault(post_id, set()).add(who)
    skipped = set(Skipped.objects.filter(person=person, post_id__in=ids).values_list("post_id", flat=True))
    open_to = [one for one in known if one.id not in skipped and person.pk not in said.get(one.id, ())]
    # Who was asked alone comes first among the checks: only the second answer makes a pair.
    checks = sorted(
        (one for one in open_to if one.is_held and len(said.get(one.id, ())) < 2),
        key=lambda one: (one.id not in said, one.chance),
    )
    hard = sorted(
        (one for one in open_to if not one.is_held and one.id not in said and one.confidence is not None),
        key=lambda one: (one.confidence, -one.id),
    )
    mine = standing.filter(mission=mission, by=person).exclude(way=Way.PAGE)
    by_you = mine.count()
    wanted = checks if hard == [] or (checks and by_you % ONE_IN == ONE_IN - 1) else hard
    post = None
    for one in wanted:
        post = reads.post(mission, one.id)  # None: hidden, or gone since we looked
        if post is not None:
            break
    return Turn(
        post=post,
        is_check=post is not None and is_held(post.post),
        by_you_today=mine.filter(at__gte=now.replace(hour=0, minute=0, second=0, microsecond=0)).count(),
        by_you=by_you,
        by_all=standing.filter(mission=mission).exclude(way=Way.PAGE).count(),
        uncertain_left=sum(1 for one in hard if one.confidence is not None and one.confidence < UNCERTAIN),
    )


def answer(mission: Mission, post_id: int, value: str, *, by: Person) -> PersonLabel:
    """What a person says in the queue. Raises LabelRefused."""
    post = reads.post(mission, post_id)
    way = Way.CHECK if post is not None and is_held(post.post) else Way.QUEUE
    return say(mission, post_id, Kind.SENTIMENT, value, by=by, way=way)


def skip(mission: Mission, post_id: int, *, by: Person, now: datetime) -> None:
    """Pass a post by. Raises LabelRefused."""
    if reads.post(mission, post_id) is None:
        raise LabelRefused(_("This mention is no longer shown. Take the next one."))
    Skipped.objects.get_or_create(person=by, post_id=post_id, defaults={"at": now})


def _look(mission: Mission, now: datetime) -> tuple[Candidate, ...]:
    """The newest posts that a model or a person judged. Looked up anew every minute."""
    minute = int(now.timestamp() // 60)

    def make() -> tuple[Candidate, ...]:
        newest = reads.newest(mission, None, limit=LOOKED_AT)
        return tuple(
            Candidate(post.id, post.sentiment_confidence, is_held(post.post), chance_of(post.post))
            for post in newest
            if post.sentiment_confidence is not None or post.sentiment_by.startswith("person/")
        )

    return _candidates.get((mission.pk, minute), make)

"""How often the model in use is right, measured on posts that people judged and that it never learnt from.

Only posts that the queue drew by chance count: what people correct in place is what they found wrong.

    accuracy  posts whose label is what a person said / posts judged
    macro F1  the mean over the values of 2·hits / (given + found)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _

from watchfloor.lib.kept import Kept
from watchfloor.mentions.labels.in_use import follow_the_model
from watchfloor.mentions.labels.model import Model
from watchfloor.mentions.labels.sentiment import label_sentiment, model_in_use
from watchfloor.mentions.marking import PersonLabel
from watchfloor.mentions.store.reading import Reading
from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.store.store import Scope, StoredPost
from watchfloor.team.models import Mission

FEWEST = 20  # posts: fewer tell nothing
Judged = tuple[StoredPost, str]  # a post, and what a person said of it


@dataclass(frozen=True)
class Accuracy:
    """`value` and `f1` 0 … 1; None: too few posts to tell, `says` how many are missing. `held_since`: when the first of
    them was judged."""

    value: float | None
    sample: int
    labeller: str
    held_since: datetime | None
    f1: float | None
    says: str

    @property
    def short(self) -> str:
        """ "81 % right", for where there is little room."""
        if self.value is None:
            return _("not checked yet")
        return _("%(share)d %% right on %(n)d checked") % {"share": round(100 * self.value), "n": self.sample}


_kept: Kept[Accuracy] = Kept(500)


def label_accuracy(mission: Mission) -> Accuracy:
    """Of the sentiment labels that the model in use gives to posts of this mission. Computed anew only when somebody
    judged another post or the model changed."""
    by = follow_the_model()
    checks = _checks(mission)
    found = checks.aggregate(newest=Max("pk"), since=Min("at"))
    key = (mission.pk, by, found["newest"], checks.count())
    return _kept.get(key, lambda: _measure(mission, model_in_use(), found["since"]))


def shares_right(judged: Sequence[Judged], model: Model) -> tuple[float, float] | None:
    """(accuracy, macro F1) of `model`; None without posts. What it can't judge it gets wrong."""
    if not judged:
        return None
    pairs = [(label_sentiment(post.post, post.language, model).value or "", value) for post, value in judged]
    right = sum(got == wanted for got, wanted in pairs) / len(pairs)
    f1s = []
    for value in {wanted for _got, wanted in pairs} | {got for got, _wanted in pairs if got}:
        hits = sum(got == wanted == value for got, wanted in pairs)
        f1s.append(2 * hits / sum((got == value) + (wanted == value) for got, wanted in pairs))
    return right, sum(f1s) / len(f1s)


def judged_posts(rows: Sequence[tuple[int, int, str]]) -> list[Judged]:
    """(mission, post, value) … as they were said → the posts that are shown, each with the last word on it."""
    last = {post: (mission, value) for mission, post, value in rows}
    by_mission: dict[int, list[int]] = {}
    for post, (mission, _value) in last.items():
        by_mission.setdefault(mission, []).append(post)
    store = SqlMentionStore()
    found: list[Judged] = []
    with store.engine.connection.cursor() as cursor:
        for mission, posts in by_mission.items():
            shown = Reading(store.engine, cursor, Scope(mission)).load(sorted(posts))
            found += [(post, last[post.id][1]) for post in shown if post.topics]
    return found


def _measure(mission: Mission, model: Model, since: datetime | None) -> Accuracy:
    judged = judged_posts(list(_checks(mission).order_by("pk").values_list("mission_id", "post_id", "value")))
    shares = shares_right(judged, model) if len(judged) >= FEWEST else None
    if shares is None:
        return Accuracy(
            None,
            len(judged),
            model.by,
            since,
            None,
            _("Not known yet: people checked %(n)d posts picked by chance, and %(least)d are the least")
            % {"n": len(judged), "least": FEWEST},
        )
    right, f1 = shares
    says = _("%(share)d %% right on %(n)d posts that people checked") % {"share": round(100 * right), "n": len(judged)}
    return Accuracy(right, len(judged), model.by, since, f1, says)


def _checks(mission: Mission) -> QuerySet[PersonLabel]:
    return PersonLabel.objects.filter(
        mission=mission,
        kind=PersonLabel.Kind.SENTIMENT,
        way=PersonLabel.Way.CHECK,
        takes_back=None,
        taken_back=None,
    ).exclude(value="")

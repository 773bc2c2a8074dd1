"""The plug for whatever says something about a post: its language, its sentiment, and what other packages add.

A labeller gives at most one label to a post. What it can't judge it leaves unknown: `value` is None, never a guess.
Other packages add labellers by the entry point group `watchfloor.labellers`: an object that satisfies `Labeller`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import msgspec

from watchfloor.sources.post import Post


class Label(msgspec.Struct, frozen=True):
    """One thing said about a post, and who says it.

    `kind` is what is labelled ("language", "sentiment"). `value` None is unknown. `score` is the labeller's own number
    (sentiment: −1 … 1), `confidence` 0 … 1; either is None where the labeller has none. `by` is "name/version".
    """

    kind: str
    value: str | None
    by: str
    score: float | None = None
    confidence: float | None = None


@runtime_checkable
class Labeller(Protocol):
    """`name` and `version` sign its labels; raise the version whenever the same post may get another label.

    `kind` is the kind of its labels. Calls come from several threads at once.
    """

    name: str
    version: str
    kind: str

    def label(self, post: Post, earlier: Mapping[str, Label] | None = None) -> Label:
        """Say one thing about `post`. Never raises on a post's content, whatever it is.

        `earlier` has the labels that the post got before this one, by kind: the language for example. A labeller
        that needs one which is missing works it out itself.
        """
        ...


def label_post(post: Post, labellers: Iterable[Labeller]) -> dict[str, Label]:
    """Ask each labeller in turn. Of two of one kind the first that knows an answer counts."""
    labels: dict[str, Label] = {}
    for labeller in labellers:
        known = labels.get(labeller.kind)
        if known is None or known.value is None:
            label = labeller.label(post, labels)
            if known is None or label.value is not None:
                labels[labeller.kind] = label
    return labels


def installed_labellers() -> list[Labeller]:
    """Labellers of other packages, by entry point, ordered by name."""
    found: list[Labeller] = []
    for point in sorted(entry_points(group="watchfloor.labellers"), key=lambda point: point.name):
        labeller: Labeller = point.load()
        found.append(labeller)
    return found

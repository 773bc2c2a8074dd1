"""The list of what was planted, for those who want to score what finds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from watchfloor.sources.rehearsal.cast import Person
from watchfloor.sources.rehearsal.made import Happening, Plan
from watchfloor.sources.source import Written

# name → (kind, what, terms)
PLANTED = {
    "pivotfood": ("emerging hashtag", "A hashtag nobody planned takes off around the food trucks", ("#pivotfood",)),
    "wifi": ("complaint", "The wifi in hall B fails; fixed 57 minutes later", ("wifi", "hall B")),
    "rumour": ("rumour", "False: day two is cancelled because of a water leak", ("cancelled",)),
    "correction": ("correction", "The organiser and visitors say that day two takes place", ("day two", "cancelled")),
    "clip": ("clip", "A clip of the opening keynote is shared", ("#smallrooms",)),
    "spam": (
        "spam",
        "Bots with giveaways, coins and job offers, copied and nearly copied",
        ("giveaway", "$PVT", "jobs"),
    ),
    "copies": ("copies", "People paste a ready-made text or somebody else's post", ()),
}


def happenings(
    made: Plan, planted: Mapping[str, list[str]], gone: tuple[Person, datetime] | None
) -> tuple[Happening, ...]:
    """What was planted, in the order of its beginning."""
    written = {
        item.event.post.id: item.at for item in made.items if isinstance(item.event, Written) and not item.event.edited
    }
    second = min(2, made.programme.days)
    begins = {
        "pivotfood": made.programme.at(1, time(11, 40)),
        "wifi": made.programme.at(second, time(13, 34)),
        "rumour": made.programme.at(1, time(18, 20)),
    }
    found = []
    for name, (kind, what, terms) in PLANTED.items():
        posts = tuple(planted.get(name, ()))
        if posts:
            starts = begins[name].astimezone(UTC) if name in begins else written[posts[0]]
            found.append(Happening(name, kind, what, starts, written[posts[-1]], terms, posts))
    if gone:
        person, when = gone
        posts = tuple(id for id in written if id.startswith(f"at://{person.author.id}/"))
        at = when.astimezone(UTC)
        found.append(
            Happening(
                "account-deleted",
                "account deletion",
                f"{person.author.id} deletes the account",
                at,
                at + timedelta(0),
                (),
                posts,
            )
        )
    return tuple(sorted(found, key=lambda h: (h.starts, h.name)))

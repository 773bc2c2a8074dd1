"""Verbs that change stored mentions at somebody's word."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from watchfloor.live.announce import publish
from watchfloor.mentions.models import Author
from watchfloor.mentions.store.keys import author_key
from watchfloor.mentions.store.store import mention_store


@transaction.atomic
def erase_author(network: str, native_id: str) -> int:
    """Erase an account here: posts, payloads, index, figures and name go; what it writes later stays out. Open pages
    are told. Returns how many posts went. Call `purge_removed_words` afterwards."""
    gone: dict[int, dict[str, dict[str, list[int]]]] = defaultdict(lambda: defaultdict(lambda: {"gone": []}))
    key = author_key(network, native_id)
    assert key is not None
    rows = Author.objects.filter(key=key).values_list("pk", flat=True)
    for mission, topic, post in mention_store().mentions_of(rows):
        gone[mission][str(topic)]["gone"].append(post)
    posts = mention_store().forget_author(network, native_id)
    for mission, topics in gone.items():
        publish(f"mission:{mission}", {"topics": topics})
    return posts


def purge_removed_words() -> None:
    """Rewrite the text index, piece by piece, so that no word of a removed post is left in the file."""
    with transaction.atomic():
        more = mention_store().purge_index()
    while more:
        with transaction.atomic():
            more = mention_store().purge_index(start=False)

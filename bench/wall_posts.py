"""Store matching posts at a rate, as the stream does, each saying when: python -m bench.wall_posts RATE SECONDS."""

from __future__ import annotations

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
BATCH_SECONDS = 0.1


def main() -> None:
    rate, seconds = float(sys.argv[1]), float(sys.argv[2])
    django.setup()
    from django.db import transaction
    from django.utils import timezone

    from watchfloor.live.announce import publish
    from watchfloor.mentions.store.store import Changes, Labelled, mention_store
    from watchfloor.sources.post import Author, Post
    from watchfloor.team.models import Mission

    mission = Mission.objects.get(is_rehearsal=True)
    topic = mission.topics.order_by("pk")[0]
    each, number, began = max(1, round(rate * BATCH_SECONDS)), 0, time.monotonic()
    while time.monotonic() - began < seconds:
        now, posts = timezone.now(), []
        for _ in range(each):
            number += 1
            text = f"#pivot26 number {number} at {time.time_ns() // 1_000_000}."
            post = Post(
                "bluesky", f"b{os.getpid()}-{number}", text, now, author=Author(id=f"a{number % 900}", name="Kim")
            )
            posts.append(Labelled(post=post, raw=b"{}", topics=[(topic.pk, 1)], seen_at=now, language="en",
                                  language_by="declared/1", sentiment="neutral", sentiment_by="english/1"))  # fmt: skip
        with transaction.atomic():
            wrote = mention_store().write(Changes(posts=posts))
            topics = {str(pk): {"new": ids} for pk, ids in wrote.new.items()}
            publish(f"mission:{mission.pk}", {"topics": topics})
        ahead = began + number / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
    print(f"      stored {number:,} posts, {number / (time.monotonic() - began):.0f} a second", flush=True)


if __name__ == "__main__":
    main()

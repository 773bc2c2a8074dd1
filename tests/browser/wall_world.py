"""What the tests of screens look at, and what happens meanwhile. Run as a command, as the server has its own database.

python -m tests.browser.wall_world            make the world of the browser tests
… share "pulse stream" "photos"               make a wall of these scenes, print the token of a link to it
… next TOKEN · revoke TOKEN                   steer that wall; revoke the link
… level crisis · post WORDS · hide · silent   the level; a post; hide the newest; the source falls silent
"""

from __future__ import annotations

import secrets
import sys
from datetime import timedelta

from tests.browser import world

from django.utils import timezone  # isort: skip

from watchfloor.listening.models import Topic
from watchfloor.mentions import reads
from watchfloor.mentions.hiding import hide_posts
from watchfloor.missions.actions import set_level
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Mission, Person
from watchfloor.wall import actions
from watchfloor.wall.access import wall_by_token


def main(words: list[str]) -> None:
    if not words:
        world.make()
        return
    mission, owner = Mission.objects.get(is_rehearsal=True), Person.objects.get(email=world.OWNER)
    match words:
        case ["share", *scenes]:
            told = {"rotate_seconds": 3600, "media": "clear"}
            wall = actions.make_wall(mission, secrets.token_hex(4), [scene.split() for scene in scenes], **told)
            print(actions.share_wall(wall, by=owner, lasts=timedelta(days=1)).token)
        case ["next", token]:
            actions.steer(wall_by_token(token).wall, "next", by=owner, now=timezone.now())
        case ["revoke", token]:
            share = wall_by_token(token).share
            assert share is not None
            actions.revoke_share(share)
        case ["level", level]:
            set_level(mission, level, why="", by=owner)
        case ["post", text]:
            now = timezone.now()
            post = Post("bluesky", secrets.token_hex(8), text, now, author=Author(id="c", name="Kim"))
            topic = Topic.objects.filter(mission=mission).order_by("pk")[0]
            labels = {"language": "en", "language_by": "declared/1", "sentiment": "neutral"}
            labelled = world.Labelled(
                post=post, raw=b"{}", topics=[(topic.pk, 1)], seen_at=now, sentiment_by="e/1", **labels
            )
            world._store([labelled])
        case ["silent"]:
            long_ago = timezone.now() - timedelta(hours=5)
            Connection.objects.filter(mission=mission).update(last_post_at=long_ago, heard_at=long_ago)
        case ["hide"]:
            hide_posts(mission, [reads.newest(mission, None, limit=1)[0].id])


if __name__ == "__main__":
    main(sys.argv[1:])

"""What people leave behind in a mission: a wall that shows every panel, a link to it, marks, a saved view, an
invitation, a key; and beside it a mission without a post whose every name is as long as names may be.

python -m tests.browser.furnish          furnish the rehearsal of this database, print what the pages' addresses hold
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
django.setup()

import msgspec  # noqa: E402
from django.utils import timezone  # noqa: E402

from watchfloor.listening.actions import make_topic  # noqa: E402
from watchfloor.listening.models import EmergingTerm  # noqa: E402
from watchfloor.mentions import reads  # noqa: E402
from watchfloor.mentions.hiding import hide_posts  # noqa: E402
from watchfloor.mentions.marks_actions import add_rule, make_mark, mark_posts  # noqa: E402
from watchfloor.mentions.saving import save_view  # noqa: E402
from watchfloor.missions.actions import make_goal  # noqa: E402
from watchfloor.panels.registry import all_panels  # noqa: E402
from watchfloor.sources.actions import add_connection  # noqa: E402
from watchfloor.sources.look_back import look_back  # noqa: E402
from watchfloor.sources.models import Connection  # noqa: E402
from watchfloor.team.models import Mission, Person  # noqa: E402
from watchfloor.team.people import invite  # noqa: E402
from watchfloor.team.rights import Right  # noqa: E402
from watchfloor.team.tokens import make_token  # noqa: E402
from watchfloor.wall.actions import add_scene, make_wall, share_wall  # noqa: E402

LONG = "Ministerialbeigeordnete a. D. Dr. Dr. h. c. Maximiliane-Theodora von und zu Hohenstein-Wallersdorf " * 5
BESIDE = 3  # panels of a scene


def furnish(mission: Mission) -> dict[str, Any]:
    """Everything a page can show of `mission`. What the addresses of the pages hold, by name."""
    owner = Person.objects.filter(is_administrator=True).order_by("pk")[0]
    topic = mission.topics.order_by("pk")[0]
    newest = reads.newest(mission, None, limit=40)
    tag = make_mark(mission, kind="tag", name="for the newsletter", by=owner)
    make_mark(mission, kind="category", name="Venue", by=owner)
    mark_posts(mission, tag, [post.id for post in newest[:3]], by=owner)
    add_rule(tag, query="wifi -is:repost", by=owner)
    hide_posts(mission, [newest[-1].id])
    view = save_view(mission, name="What is said about us today", address="since=24h", is_shared=True, by=owner)
    make_token(owner, name="Intranet", scopes=[Right.SEE], expires_at=timezone.now() + timedelta(days=90))
    invited = invite(mission, by=owner, for_people=5, note="Volunteers of day one")
    names = [name for name, panel in all_panels().items() if "wall" in panel.suits]
    wall = make_wall(mission, "Every panel", scenes=[names[at : at + BESIDE] for at in range(0, len(names), BESIDE)])
    shared = share_wall(wall, by=owner, lasts=timedelta(days=7), name="Foyer")
    look_back(mission, since=timezone.now() - timedelta(hours=1), by=owner)
    hook = Connection.objects.filter(source="webhook").first() or add_connection(
        source="webhook", name="Shop reviews", mission=None, settings={}, secrets={}
    )
    term = mission.emerging_terms.first() or _a_rising_term(mission, [post.id for post in newest[:3]])
    return {
        "slug": mission.slug,
        "long": _nothing_but_names(owner).slug,
        "topic": topic.pk,
        "goal": mission.goals.order_by("pk")[0].pk,
        "connection": mission.connections.order_by("pk")[0].pk,
        "hook": hook.pk,
        "post": newest[0].id,
        "author": next(post.author_row for post in newest if post.author_row is not None),
        "view": view.pk,
        "term": term.pk,
        "invitation": invited.token,
        "wall": wall.pk,
        "scene": wall.scenes.all()[0].pk,
        "scenes": [scene.pk for scene in wall.scenes.all()],
        "share": shared.token,
    }


def _a_rising_term(mission: Mission, posts: list[int]) -> EmergingTerm:
    now = timezone.now()
    return EmergingTerm.objects.create(
        mission=mission, kind="hashtag", term="#pivotfood", shown="#pivotfood", score=83.1, formula="hype/1", posts=14,
        authors=12, volume=13.8, baseline=0.2, by_window=[0] * 12 + [1, 3, 12], width_ms=600_000, first_posts=posts,
        languages=[["en", 10], ["de", 2]], first_seen_at=now - timedelta(minutes=20), offered_at=now,
        last_rising_at=now,
    )  # fmt: skip


def _nothing_but_names(owner: Person) -> Mission:
    name = LONG[:400]
    mission = Mission.objects.create(name=name, slug="nothing-but-names")
    make_topic(mission, by=owner, name=name, role="own", query="unheardofword", why=name)
    make_goal(mission, by=owner, name=name, metric="volume", over="period", target=1_000, owner=owner)
    wall = make_wall(mission, name)
    add_scene(wall, panels=[{"panel": "pulse"}, {"panel": "stream"}], title=name[:200])
    save_view(mission, name=name[:120], address="q=unheardofword", is_shared=True, by=owner)
    return mission


if __name__ == "__main__":
    print(msgspec.json.encode(furnish(Mission.objects.get(is_rehearsal=True))).decode())

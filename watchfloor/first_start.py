"""What the first start leaves behind: tables, an owner without a password, and the rehearsal playing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from watchfloor.listening.models import Topic, TopicVersion
from watchfloor.listening.revision import count_up
from watchfloor.missions.actions import STEPS
from watchfloor.missions.models import Goal, Purpose
from watchfloor.missions.use_cases import suggested_scenes
from watchfloor.sources.models import Connection
from watchfloor.team.models import Mission, Person
from watchfloor.team.sign_in import make_link
from watchfloor.wall.actions import make_wall
from watchfloor.wall.set_up import first_scenes

OWNER = "owner@watchfloor.localhost"

# What the rehearsal's team listens to. The hashtag that nobody planned is not among them: finding it is the exercise.
REHEARSAL_TOPICS = [
    ("Pivot Conference", Topic.Role.OWN, 'pivot OR pivot26 OR @pivot OR #pivot26 OR "pivot conference" OR #pivotconf'),
    ("Questions to us", Topic.Role.ISSUE, "#askpivot OR (@pivot has:question -is:repost)"),
    (
        "Wifi",
        Topic.Role.ISSUE,
        "(wifi OR wi-fi OR wlan OR internet) NEAR/12 (pivot* OR hall* OR down OR slow OR dead OR broken OR again)",
    ),
    (
        "Food and drink",
        Topic.Role.ISSUE,
        '(coffee OR lunch OR food OR "flat white" OR queue* OR vegan OR allerg*) (pivot* OR #askpivot OR hall)',
    ),
    ("Northbound", Topic.Role.COMPETITOR, "northbound"),
]

REHEARSAL_USE_CASES = ["care", "content"]

# Baselines are the made-up edition's of the year before.
REHEARSAL_GOALS: list[dict[str, Any]] = [
    {"name": "Nurture the community", "metric": "unique-authors", "over": "period", "baseline": 1200, "target": 2500,
     "baseline_from": "typed", "baseline_says": "Pivot Conference 2025, closing report"},
    {"name": "Keep the mood good", "metric": "net-sentiment-a", "over": "day", "baseline": -10, "target": 15,
     "baseline_from": "typed", "baseline_says": "Pivot Conference 2025, closing report"},
    {"name": "Answer what people ask", "metric": "questions-asked", "over": "period", "topic": "Questions to us",
     "baseline": 300, "target": 800,
     "baseline_from": "typed", "baseline_says": "Pivot Conference 2025, closing report"},
    {"name": "Miss nothing", "metric": "coverage", "over": "day", "target": 99},
]  # fmt: skip


def first_start(*, demo: bool) -> None:
    """Bring the tables to this release; make the owner and, with `demo`, the rehearsal where nobody is. Repeatable."""
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        if Person.objects.exists():
            return
        Person.objects.create_superuser(OWNER, name="Owner")
        if demo:
            make_rehearsal()


def make_rehearsal() -> Mission:
    """The made-up conference as a mission of its own, with its connection and topics."""
    now = timezone.now().replace(second=0, microsecond=0)
    mission = Mission.objects.create(
        name="Pivot Conference",
        slug="pivot-conference",
        kind=Mission.Kind.EVENT,
        level=Mission.Level.ACTIVE,
        time_zone="Europe/Berlin",
        is_rehearsal=True,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=2),
    )
    for name, role, query in REHEARSAL_TOPICS:
        topic = Topic.objects.create(mission=mission, name=name, role=role, query=query, applied_version=1)
        TopicVersion.objects.create(topic=topic, number=1, query=query, why="The rehearsal's start")
        count_up(topic.pk)
    Connection.objects.create(name="Rehearsal", source="rehearsal", mission=mission, settings={})
    _say_what_it_is_for(mission, now)
    make_wall(mission, "Lobby", scenes=first_scenes(mission))
    return mission


def _say_what_it_is_for(mission: Mission, now: datetime) -> None:
    """Purpose, goals and scenes, as a team would have answered the set-up."""
    Purpose.objects.create(
        mission=mission,
        use_cases=REHEARSAL_USE_CASES,
        called=["pivotconf"],
        hashtags=["#pivot26", "#askpivot"],
        handles=["@pivot"],
        competitors=["Northbound"],
        scenes=suggested_scenes(REHEARSAL_USE_CASES, mission.kind)[:3],
        steps_done=[step for step in STEPS if step not in ("people", "ready")],
    )
    owner = Person.objects.filter(is_administrator=True).order_by("pk").first()
    for place, told in enumerate(REHEARSAL_GOALS):
        topic = mission.topics.filter(name=told.get("topic", "")).first()
        Goal.objects.create(
            mission=mission,
            place=place,
            owner=owner,
            starts_at=now - timedelta(hours=1),
            due_at=mission.ends_at,
            **{**told, "topic": topic},
        )


def sign_in_address() -> str:
    """A link that signs the owner in once. The first administrator, so that renaming the owner locks nobody out."""
    owner = Person.objects.filter(is_administrator=True, is_active=True).order_by("pk").first()
    if owner is None:
        owner = Person.objects.create_superuser(OWNER, name="Owner")
    token = make_link(owner, settings.SIGN_IN_LINK_LASTS)
    host = settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
    return f"{host}/sign-in/{token}/"

"""The API is asked everything that its description allows, and a good deal that it forbids: it answers as described,
never breaks down, and lets nobody in without a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from watchfloor.api import api
from watchfloor.first_start import make_rehearsal
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.missions.actions import make_goal
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Person
from watchfloor.team.rights import Right
from watchfloor.team.tokens import make_token
from watchfloor.wall.actions import make_wall

EXAMPLES = 6  # of each operation
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    ignored_auth,
]
OPERATIONS = [
    (path, method)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method in operations
    if method in {"get", "put", "post", "delete"}
]


@pytest.fixture
def in_one_transaction(db):
    """Everything that is asked happens in one transaction, taken back at the end: no request closes the database."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(in_one_transaction, monkeypatch):
    cache.clear()
    monkeypatch.setattr("ninja.throttling.SimpleRateThrottle.allow_request", lambda *_told: True)
    owner = Person.objects.create_superuser("owner@example.org")
    mission = make_rehearsal()
    topic = mission.topics.first()
    now = datetime.now(UTC)
    posts = [
        Labelled(
            Post(
                "bluesky",
                f"p{n}",
                f"The wifi is down again #pivot26 {n}",
                now - timedelta(minutes=n),
                author=Author(id="a"),
            ),
            b"{}",
            [(topic.pk, 1)],
            now,
            sentiment="negative",
            sentiment_by="test/1",
        )
        for n in range(20)
    ]
    wrote = mention_store().write(Changes(posts=posts))
    wall = make_wall(mission, "Foyer", scenes=[["pulse"]])
    goal = make_goal(mission, by=owner, name="Be heard", metric="volume", target=100.0, baseline=10.0)
    known = {
        "slug": mission.slug,
        "topic_id": topic.pk,
        "post_id": wrote.new[topic.pk][0],
        "wall_id": wall.pk,
        "scene_id": wall.scenes.get().pk,
        "goal_id": goal.pk,
        "connection_id": Connection.objects.get().pk,
        "person_id": owner.pk,
        "number": 1,
        "name": "volume",
        "kind": "sentiment",
        "item": "goal",
    }
    made = make_token(owner, name="fuzz", scopes=Right.values, expires_at=None)
    return known, {"Authorization": f"Bearer {made.secret}"}


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{m} {p}" for p, m in OPERATIONS])
def test_it_answers_as_it_is_described(world, path, method):
    known, headers = world
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    schema.app = WSGIHandler()
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.sampled_from([True, True, True, False]))
    def ask(case, real):
        if real:  # what is made up would never be found, and only the door be asked
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()

"""One suite over both engines: a test that takes `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from watchfloor.mentions.store.sql import SqlMentionStore
from watchfloor.mentions.tests.world import World

ENGINES = [
    pytest.param("default", marks=pytest.mark.django_db, id="default"),
    pytest.param(
        "postgres", marks=[pytest.mark.postgres, pytest.mark.django_db(databases=["postgres"])], id="postgres"
    ),
]


@pytest.fixture(params=ENGINES)
def using(request: pytest.FixtureRequest) -> str:
    """The alias of a database that the test may use."""
    alias: str = request.param
    return alias


@pytest.fixture
def store(using: str) -> SqlMentionStore:
    return SqlMentionStore(using)


@pytest.fixture
def world(store: SqlMentionStore) -> World:
    return World(store)

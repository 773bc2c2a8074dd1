"""What every test may need: a real PostgreSQL server as the database "postgres", started only if a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
from django.db import connections

from tests.real import postgres

# The same examples at every run: a red test is a change, never chance. `--hypothesis-profile=search` looks further.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("same")

_servers: list[postgres.PostgresServer] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if why := postgres.why_missing():
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason=why))


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly and any(_is_wanted(item) for item in session.items):
        server = postgres.PostgresServer()
        _servers.append(server)
        connections.databases["postgres"] = server.django()
        connections.configure_settings(connections.databases)


def pytest_unconfigure() -> None:
    while _servers:
        connections["postgres"].close()
        _servers.pop().stop()


def _is_wanted(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is not None and item.get_closest_marker("skip") is None


@pytest.fixture(autouse=True)
def text_index_is_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django empties its models' tables after a test with transactions of its own; the text index is none of them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if marker is not None and marker.kwargs.get("transaction"):
        request.getfixturevalue("django_db_blocker").unblock()
        for alias in marker.kwargs.get("databases") or ["default"]:
            with connections[alias].cursor() as cursor:
                if connections[alias].vendor == "sqlite":  # PostgreSQL's is an index of the posts
                    cursor.execute("INSERT INTO mentions_textindex(mentions_textindex) VALUES ('delete-all')")
        request.getfixturevalue("django_db_blocker").restore()

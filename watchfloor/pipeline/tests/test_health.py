"""What machines that watch this one are told."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.pipeline.models import Beat, beat
from watchfloor.sources.models import Connection

pytestmark = pytest.mark.django_db


def test_it_is_alive(client):
    assert client.get("/healthz").json() == {"ok": True}


def test_it_is_ready_and_says_which_processes_it_saw_lately(client):
    beat("stream", os.getpid())
    Beat.objects.create(process="desk", pid=1, at=timezone.now() - timedelta(minutes=5))
    assert client.get("/readyz").json() == {"ok": True, "processes": {"stream": "running", "desk": "missing"}}


def test_it_is_not_ready_while_tables_are_behind(client, monkeypatch):
    monkeypatch.setattr("watchfloor.pipeline.views.MigrationExecutor.migration_plan", lambda *_: ["one to come"])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "migrate" in answer.json()["why"]


def test_metrics_are_open_to_this_machine(client):
    Connection.objects.create(name="B", source="bluesky", state="live", lag_seconds=2.5, last_post_at=timezone.now())
    text = client.get("/metrics").content.decode()
    assert "# TYPE watchfloor_connection_lag_seconds gauge" in text
    assert "} 2.5" in text


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ({"REMOTE_ADDR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer right-token"}, 200),
        # A proxy on this machine speaks for somebody else.
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "", "HTTP_AUTHORIZATION": "Bearer "}, 403),
    ],
)
def test_metrics_are_for_others_by_token(client, settings, where, status):
    settings.METRICS_TOKEN = "right-token"
    assert client.get("/metrics", **where).status_code == status


def test_without_a_token_metrics_are_for_nobody_else(client, settings):
    settings.METRICS_TOKEN = None
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer None").status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_only_answer_questions(client, path):
    assert client.post(path).status_code == 405

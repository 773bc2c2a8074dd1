"""The form of a connection, as people fill it in."""

from __future__ import annotations

import pytest

from watchfloor.sources.forms import ConnectionForm
from watchfloor.sources.mastodon import SOURCE

pytestmark = pytest.mark.django_db


def form(**settings):
    data = {"name": "Mastodon", "setting_mode": "auto", "setting_reply_visibility": "public"}
    return ConnectionForm(SOURCE, {**data, **{f"setting_{name}": value for name, value in settings.items()}})


def test_servers_and_hashtags_are_given_one_a_line():
    filled = form(servers="mastodon.social\nfosstodon.org", hashtags="#pivot26\nwifi", streams=["public:local"])
    assert filled.is_valid(), filled.errors
    assert filled.settings["servers"] == ("mastodon.social", "fosstodon.org")
    assert filled.settings["hashtags"] == ("#pivot26", "wifi")
    assert filled.settings["poll_seconds"] == 30


def test_what_is_wrong_is_said_at_its_field():
    assert "secret_access_tokens" in form().fields
    assert form(servers="").errors.keys() == {"setting_servers"}
    (said,) = form(servers="mastodon.social").errors["__all__"]
    assert said.startswith("Name a hashtag, or a stream")

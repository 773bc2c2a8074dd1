from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import path

from watchfloor.team.tests.cast import make_cast
from watchfloor.web import views


def test_a_missing_page_says_what_to_do(db, client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content


def test_an_old_form_says_that_nothing_was_changed(db):
    cast = make_cast()
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.ana)
    response = client.post("/you/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert b"This form is too old" in response.content


def test_a_broken_request_has_its_page(db):
    request = RequestFactory().get("/")
    assert views.bad_request(request, SuspiciousOperation()).status_code == 400


class _Broken:
    urlpatterns = [path("", lambda _request: 1 // 0)]


def test_a_breakdown_shows_no_traceback(db, settings):
    settings.ROOT_URLCONF = _Broken
    client = Client(raise_request_exception=False)
    response = client.get("/")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
    assert b"ZeroDivisionError" not in response.content


@pytest.mark.parametrize("address", ["/sign-in/", "/no/such/page/"])
def test_every_page_has_a_strict_policy(db, client, address):
    policy = client.get(address)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'nonce-" in policy or "script-src 'self'" in policy

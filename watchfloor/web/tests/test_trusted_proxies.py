from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from watchfloor.web.middleware import TrustedProxies


def seen(peer: str, **headers: str):
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    TrustedProxies(lambda _request: HttpResponse())(request)
    return request


@pytest.fixture(autouse=True)
def _one_proxy(settings):
    settings.TRUSTED_PROXIES = ("10.0.0.1", "fd00::1")


def test_a_stranger_is_not_believed():
    request = seen("203.0.113.9", HTTP_X_FORWARDED_FOR="1.2.3.4", HTTP_X_FORWARDED_PROTO="https")
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"
    assert not request.is_secure()
    assert "HTTP_X_FORWARDED_FOR" not in request.META


def test_our_proxy_is():
    request = seen("10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_FORWARDED_PROTO="https")
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"
    assert request.is_secure()


def test_what_the_person_wrote_left_of_the_proxys_word_counts_for_nothing():
    request = seen("10.0.0.1", HTTP_X_FORWARDED_FOR="127.0.0.1, 203.0.113.9, fd00:0::1")
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"


@pytest.mark.parametrize("nonsense", ["", "unknown", "1.2.3.4.5", ", ,", "'; drop"])
def test_nonsense_leaves_the_proxys_own_address(nonsense):
    assert seen("10.0.0.1", HTTP_X_FORWARDED_FOR=nonsense).META["REMOTE_ADDR"] == "10.0.0.1"

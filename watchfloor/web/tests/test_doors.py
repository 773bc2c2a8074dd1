"""Every address needs a signed-in person, or stands on the list of those that do not."""

from __future__ import annotations

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "account_login",
    "account_logout",  # without a person it leads to sign-in
    "account_inactive",
    "account_reset_password",
    "sign-in-link",
    "favicon",
    "healthz",
    "readyz",
    "hook",  # its own rule: a signature of Standard Webhooks
    "metrics",  # its own rule: this machine, or a bearer token
}
WORDS = {"slug": "pivot", "pk": "1", "post_id": "1", "token": "x", "name": "bluesky"}


def patterns(resolver: URLResolver, before: str = ""):
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield one.name, before + str(one.pattern)


def address(route: str) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: WORDS[part[1]], route)


ALL = sorted(patterns(get_resolver()), key=str)


def test_every_address_has_a_name_of_its_own():
    names = [name for name, _route in ALL]
    assert None not in names
    assert len(names) == len(set(names))


def test_the_public_list_names_only_what_exists():
    assert {name for name, _route in ALL} >= PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("name", "route"), [one for one in ALL if one[0] not in PUBLIC])
def test_without_signing_in_there_is_no_way_in(client, name, route, method):
    response = getattr(client, method)(address(route))
    refused = response.status_code in (403, 405)
    to_sign_in = response.status_code == 302 and response["Location"].startswith("/sign-in/")
    assert refused or to_sign_in, f"{name} answered {response.status_code}"

"""Keys to the API act for a person, within their scopes, until they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.team import tokens
from watchfloor.team.models import ApiToken, Person
from watchfloor.team.people import NotNow
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def test_a_key_is_made_on_the_page_and_shown_once(cast, client):
    client.force_login(cast.ana)
    form = {"name": "Nightly report", "scopes": ["see", "export"], "expires_at": ""}
    page = client.post("/you/keys/", form, follow=True).content.decode()
    secret = re.search(r"wf_[\w-]{40,}", page)[0]
    held = tokens.holder_of(secret)
    assert held is not None
    assert (held.person, held.scopes) == (cast.ana, ["export", "see"])
    assert secret not in client.get("/you/keys/").content.decode()
    assert secret not in repr(list(ApiToken.objects.values()))


def test_it_opens_nothing_once_it_is_over(cast):
    soon = timezone.now() + timedelta(minutes=1)
    made = tokens.make_token(cast.ana, name="x", scopes=["see"], expires_at=soon)
    assert tokens.holder_of(made.secret)
    ApiToken.objects.update(expires_at=timezone.now())
    assert tokens.holder_of(made.secret) is None


def test_it_opens_nothing_once_it_is_revoked_or_its_person_is_out(cast, client):
    one = tokens.make_token(cast.ana, name="x", scopes=["see"], expires_at=None)
    two = tokens.make_token(cast.ana, name="y", scopes=["see"], expires_at=None)
    client.force_login(cast.ben)
    assert client.post(f"/you/keys/{one.token.pk}/revoke/").status_code == 404
    client.force_login(cast.ana)
    client.post(f"/you/keys/{one.token.pk}/revoke/")
    assert tokens.holder_of(one.secret) is None
    assert tokens.holder_of(two.secret)
    Person.objects.filter(pk=cast.ana.pk).update(is_active=False)
    assert tokens.holder_of(two.secret) is None


@pytest.mark.parametrize("secret", ["", "wf_", "wf_" + "a" * 5000, "nope", "wf_\x00", "wf_\ud800"])
def test_what_is_no_key_opens_nothing(cast, secret):
    assert tokens.holder_of(secret) is None


@pytest.mark.parametrize("scopes", [[], ["everything"], ["see", "root"]])
def test_a_key_without_known_scopes_is_refused(cast, scopes):
    with pytest.raises(NotNow):
        tokens.make_token(cast.ana, name="x", scopes=scopes, expires_at=None)

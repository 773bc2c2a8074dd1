"""People join a mission by a link, with the role and for the time that the link says, and in no other way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from watchfloor.team import people
from watchfloor.team.access import may
from watchfloor.team.models import Invitation, Membership, Person
from watchfloor.team.people import NotNow
from watchfloor.team.rights import Right
from watchfloor.team.tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def link_of(client, **asked):
    """The path of a new invitation, made on the page."""
    form = {"role": "agent", "for_people": "1", "days": "7", "access_until": "", "note": "", **asked}
    page = client.post("/m/pivot/people/", form, follow=True)
    assert page.status_code == 200, page.content.decode()
    return re.search(r"/join/[^<]+/", page.content.decode())[0]


def test_somebody_new_joins_and_is_in(cast, client, django_user_model):
    client.force_login(cast.ana)
    path = link_of(client)
    client.logout()
    assert b"You are invited" in client.get(path).content
    answer = client.post(path, {"name": "Dora", "email": "Dora@Example.org"}, follow=True)
    dora = Person.objects.get(email__iexact="dora@example.org")
    assert answer.wsgi_request.user == dora
    assert dora.memberships.get().role == "agent"
    assert may(dora, cast.mission, Right.MARK)
    assert not may(dora, cast.mission, Right.LISTEN)
    assert not dora.has_usable_password()


def test_the_link_is_shown_once_and_kept_as_a_hash(cast, client):
    client.force_login(cast.ana)
    token = link_of(client).split("/")[2]
    assert token.encode() not in client.get("/m/pivot/people/").content
    assert token not in repr(list(Invitation.objects.values()))


def test_it_works_for_as_many_people_as_it_says(cast, client):
    client.force_login(cast.ana)
    path = link_of(client, for_people="2")
    client.logout()
    for number in (1, 2):
        assert client.post(path, {"name": "V", "email": f"v{number}@example.org"}).status_code == 302
        client.logout()
    assert client.get(path).status_code == 410
    assert client.post(path, {"name": "V", "email": "v3@example.org"}).status_code == 410
    assert cast.mission.memberships.filter(role="agent").count() == 2


def test_nobody_joins_by_an_old_or_revoked_link(cast, client):
    invited = people.invite(cast.mission, by=cast.ana)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/join/{invited.token}/").status_code == 410
    again = people.invite(cast.mission, by=cast.ana)
    client.force_login(cast.ana)
    client.post(f"/m/pivot/invitations/{again.invitation.pk}/revoke/")
    client.logout()
    assert client.get(f"/join/{again.token}/").status_code == 410
    with pytest.raises(NotNow):
        people.join(again.token, name="X", email="x@example.org")
    assert not Person.objects.filter(email="x@example.org").exists()


def test_a_link_makes_nobody_somebody_else(cast, client):
    """Whoever knows an address must not get in as the person who has it."""
    path = f"/join/{people.invite(cast.mission, by=cast.ana).token}/"
    answer = client.post(path, {"name": "Not Ana", "email": "ANA@example.org"})
    assert answer.status_code == 409
    assert "Sign in first" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert Invitation.objects.get().joined == 0


def test_who_is_signed_in_joins_with_a_button(cast, client):
    client.force_login(cast.cleo)
    path = f"/join/{people.invite(cast.mission, by=cast.ana, role='analyst').token}/"
    client.post(path)
    assert cast.cleo.memberships.get(mission=cast.mission).role == "analyst"


def test_an_invitation_takes_nothing_away(cast):
    people.join(people.invite(cast.mission, by=cast.owner, role="viewer").token, person=cast.ana)
    held = cast.ana.memberships.get()
    assert (held.role, held.until) == ("lead", None)


def test_access_ends_by_itself(cast, client):
    soon = timezone.now() + timedelta(hours=1)
    invited = people.invite(cast.mission, by=cast.ana, access_until=soon)
    dora = people.join(invited.token, name="Dora", email="dora@example.org")
    client.force_login(dora)
    assert client.get("/m/pivot/people/").status_code == 200
    Membership.objects.filter(person=dora).update(until=timezone.now() - timedelta(seconds=1))
    assert client.get("/m/pivot/people/").status_code == 404
    assert not may(dora, cast.mission, Right.SEE)


@pytest.mark.parametrize(("who", "status"), [("ben", 403), ("cleo", 404)])
def test_only_leads_invite_and_change(cast, client, who, status):
    client.force_login(getattr(cast, who))
    held = cast.ben.memberships.get()
    assert client.post("/m/pivot/people/", {"role": "lead"}).status_code == status
    assert client.post(f"/m/pivot/people/{cast.ben.pk}/", {f"m{held.pk}-role": "lead"}).status_code == status
    assert cast.ben.memberships.get().role == "viewer"
    assert not Invitation.objects.exists()


def test_a_change_of_role_counts_at_once_and_renews_the_session(cast, client):
    client.force_login(cast.ben)
    client.get("/m/pivot/people/")
    before = client.session.session_key
    people.change_role(cast.ben.memberships.get(), role="analyst", until=None)
    assert client.get("/m/pivot/people/").status_code == 200
    assert client.session.session_key != before
    assert may(cast.ben, cast.mission, Right.LISTEN)


def test_the_last_lead_stays(cast, client):
    client.force_login(cast.ana)
    held = cast.ana.memberships.get()
    page = client.post(f"/m/pivot/people/{cast.ana.pk}/", {"let_go": "1"}, follow=True)
    assert "last lead" in page.content.decode()
    with pytest.raises(NotNow):
        people.change_role(held, role="viewer", until=None)
    assert cast.ana.memberships.get().role == "lead"


def test_the_last_administrator_stays(cast):
    with pytest.raises(NotNow):
        people.let_in(cast.owner, may_sign_in=True, is_administrator=False)
    people.let_in(cast.ana, may_sign_in=True, is_administrator=True)
    people.let_in(cast.owner, may_sign_in=False, is_administrator=False)
    assert not Person.objects.get(pk=cast.owner.pk).is_active


@pytest.mark.parametrize(
    "wrong",
    [{"role": "owner"}, {"for_people": "0"}, {"for_people": "9999"}, {"for_people": "²"}, {"days": "400"},
     {"access_until": "1999-01-01T00:00"}, {"access_until": "9999-12-31T23:59"}],
)  # fmt: skip
def test_what_can_not_be_is_refused(cast, client, wrong):
    client.force_login(cast.ana)
    form = {"role": "agent", "for_people": "1", "days": "7", "access_until": "", "note": ""}
    assert client.post("/m/pivot/people/", form | wrong).status_code == 422
    assert not Invitation.objects.exists()


def test_administrators_see_everybody_and_nobody_else_does(cast, client):
    client.force_login(cast.ana)
    assert client.get("/people/").status_code == 403
    client.force_login(cast.owner)
    page = client.get("/people/").content.decode()
    assert "cleo@example.org" in page
    answer = client.post("/people/", {"person": str(cast.cleo.pk), "link": "1"}, follow=True)
    path = re.search(r"/sign-in/[^<]+/", answer.content.decode())[0]
    client.logout()
    client.post(path)
    assert int(client.session["_auth_user_id"]) == cast.cleo.pk


def test_the_page_shows_the_table_that_doors_ask(cast, client):
    client.force_login(cast.ben)
    page = client.get("/rights/").content.decode()
    for right in Right:
        assert str(right.label) in page
    assert page.count("wf-st-ok") == 8 + 6 + 5 + 2 + 1

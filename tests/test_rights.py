"""Every address × every role × one's own mission, somebody else's, and somebody else's things under one's own address
gives what the table of rights says. The list of addresses is the resolver's: one that is not judged here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import URLPattern, get_resolver
from django.utils import timezone

from watchfloor.api import api
from watchfloor.listening.actions import make_topic
from watchfloor.listening.models import EmergingTerm
from watchfloor.mentions.labels.people import say
from watchfloor.mentions.marking import Mark, MarkRule, SavedView
from watchfloor.mentions.models import Post as PostRow
from watchfloor.mentions.store.store import Changes, Labelled, mention_store
from watchfloor.missions.actions import begin_mission, make_goal
from watchfloor.sources.models import Connection
from watchfloor.sources.post import Author, Post
from watchfloor.team.models import Membership, Mission, Person
from watchfloor.team.people import invite
from watchfloor.team.rights import OF_THE_INSTALLATION, ROLES, Right
from watchfloor.team.tokens import make_token
from watchfloor.wall.actions import make_wall, share_wall

pytestmark = pytest.mark.django_db
SEE, MARK, EXPORT, LISTEN, SHOW, LEAD = (
    Right.SEE, Right.MARK, Right.EXPORT, Right.LISTEN, Right.SHOW, Right.LEAD
)  # fmt: skip
CONNECT, ADMINISTER = Right.CONNECT, Right.ADMINISTER
NEVER = None  # the address does not take this method

# What reading (GET) and changing (POST) need. A saved view is changed by its owner, who leads here; two missions are
# compared by who may see both, which is the administrator alone here.
PAGES: dict[str, tuple[Right | None, Right | None]] = {
    "mission-settings": (LEAD, LEAD), "strategy": (SEE, NEVER), "mission-people": (SEE, LEAD),
    "mission-member": (NEVER, LEAD), "invitation-revoke": (NEVER, LEAD), "fresh": (SEE, NEVER),
    "look-back": (SEE, LISTEN), "explore": (SEE, NEVER), "explore-figures": (SEE, NEVER), "explore-rows": (SEE, NEVER),
    "explore-check": (SEE, SEE), "explore-post": (SEE, NEVER), "explore-complete": (SEE, SEE),
    "explore-act": (NEVER, MARK), "post-picture": (SEE, NEVER), "explore-hidden": (SEE, NEVER),
    "explore-compare": (SEE, NEVER),
    "conversation": (SEE, NEVER), "author": (SEE, NEVER), "saved-views": (SEE, SEE), "saved-view": (SEE, NEVER),
    "saved-view-change": (NEVER, LEAD), "marks": (SEE, NEVER), "marks-change": (NEVER, LISTEN), "labels": (SEE, NEVER),
    "labels-answer": (NEVER, MARK), "labels-learn": (NEVER, LISTEN), "export-csv": (EXPORT, NEVER),
    "export-jsonl": (EXPORT, NEVER), "export-xlsx": (EXPORT, NEVER), "topics": (SEE, NEVER),
    "topic-new": (LISTEN, LISTEN), "topic-check": (SEE, SEE), "topic": (SEE, LISTEN),
    "topic-switch": (NEVER, LISTEN),
    "topic-state": (SEE, NEVER), "topic-library": (LISTEN, NEVER), "topic-check-change": (SEE, SEE),
    "topic-remove": (LISTEN, LISTEN), "topic-versions": (SEE, NEVER), "topic-restore": (LISTEN, LISTEN),
    "emerging": (SEE, NEVER), "emerging-add": (LISTEN, NEVER), "emerging-ignore": (NEVER, LISTEN),
    "emerging-offer": (NEVER, LISTEN), "panels": (SEE, NEVER), "panel": (SEE, NEVER), "panel-page": (SEE, NEVER),
    "panel-csv": (SEE, NEVER), "panel-json": (SEE, NEVER), "panel-svg": (SEE, NEVER), "panel-png": (SEE, NEVER),
    "metric": (SEE, NEVER), "live": (SEE, SEE), "walls": (SEE, SHOW), "wall": (SHOW, SHOW),
    "wall-remove": (NEVER, SHOW), "scene-new": (SHOW, SHOW), "scene": (SHOW, SHOW), "scene-move": (NEVER, SHOW),
    "share-revoke": (NEVER, SHOW), "wall-remote": (SHOW, SHOW), "wall-posts": (SHOW, SHOW),
    "wall-screen": (SEE, NEVER), "wall-live": (SEE, SEE), "mission-home": (SEE, NEVER),
    "mission-home-body": (SEE, NEVER), "stand-up": (SEE, NEVER), "set-up-start": (LEAD, NEVER),
    "set-up-check": (SEE, SEE), "set-up": (LEAD, LEAD), "goals": (SEE, LEAD), "goal-new": (LEAD, LEAD),
    "goal": (LEAD, LEAD), "goal-drop": (NEVER, LEAD), "goal-baseline": (NEVER, LEAD), "level": (SEE, LEAD),
    "mission-clone": (ADMINISTER, ADMINISTER), "mission-close": (LEAD, LEAD), "mission-reopen": (NEVER, LEAD),
    "compare-with": (SEE, NEVER), "compare": (ADMINISTER, NEVER),
}  # fmt: skip
# Of the installation: who may not manage connections sees those of their missions alone.
INSTALLATION: dict[str, tuple[Right | None, Right | None]] = {
    "everybody": (ADMINISTER, ADMINISTER), "mission-new": (ADMINISTER, ADMINISTER),
    "source-add": (CONNECT, CONNECT), "source-try": (NEVER, CONNECT), "source-connection": (SEE, CONNECT),
    "source-switch": (NEVER, CONNECT), "source-test": (NEVER, CONNECT), "source-delete": (CONNECT, CONNECT),
    "source-new-secret": (NEVER, CONNECT), "source-forget-secret": (NEVER, CONNECT),
}  # fmt: skip
# For everybody who is signed in: about themselves, or what is the same for all.
ONES_OWN = {
    "home", "password", "you", "theme", "rights", "keys", "key-revoke", "sources", "own-mission", "missions",
    "mission-rules",
}  # fmt: skip
# Without signing in: the door itself, links that are secrets, health.
PUBLIC = {
    "account_login", "account_logout", "account_inactive", "account_reset_password", "sign-in-link", "join", "favicon",
    "hook", "shared-wall", "shared-wall-live", "wall-picture", "healthz", "readyz", "metrics",
}  # fmt: skip

STREAMS = {"live", "wall-live"}  # that they are heard is shown where they stand; here, who hears nothing

ROLE_NAMES = ("anonymous", "foreign", "viewer", "agent", "analyst", "lead", "administrator")


def addresses() -> Iterator[tuple[str, str]]:
    """(name, pattern) of every page; the API's are in `operations`."""

    def walk(patterns, before=""):
        for one in patterns:
            whole = before + str(one.pattern)
            if isinstance(one, URLPattern):
                yield str(one.name), whole
            elif not whole.startswith("api/"):
                yield from walk(one.url_patterns, whole)

    yield from walk(get_resolver().url_patterns)


def test_every_address_has_a_name_of_its_own():
    names = [name for name, _pattern in addresses()]
    assert "None" not in names
    assert len(names) == len(set(names))


def test_every_address_is_judged():
    known = {*PAGES, *INSTALLATION, *ONES_OWN, *PUBLIC}
    found = {name for name, _pattern in addresses()}
    assert found - known == set()
    assert known - found == set()


# --- The world ------------------------------------------------------------------------------------------------------


def things_of(slug: str, lead: Person) -> dict[str, int | str]:
    """A mission with one of everything, and what stands in addresses for it."""
    mission = begin_mission(name=slug.title(), kind="event", time_zone="UTC", by=lead)
    Mission.objects.filter(pk=mission.pk).update(slug=slug)
    mission.refresh_from_db()
    now = timezone.now()
    topic = make_topic(mission, name="Wifi", role="issue", query="wifi", by=lead, why="x")
    post = Post("bluesky", f"{slug}-1", "The wifi is down", now, author=Author(id=slug, handle=slug))
    labelled = Labelled(post, b"{}", [(topic.pk, 1)], now, sentiment="negative", sentiment_by="test/1")
    wrote = mention_store().write(Changes(posts=[labelled]))
    post_id = wrote.new[topic.pk][0]
    term = EmergingTerm.objects.create(
        mission=mission, kind="hashtag", term="#x", shown="#x", score=1.0, formula="hype/1", posts=5, authors=5,
        volume=1.0, baseline=0.0, width_ms=60_000, first_seen_at=now, offered_at=now, last_rising_at=now,
    )  # fmt: skip
    mark = Mark.objects.create(mission=mission, kind="tag", name="urgent")
    rule = MarkRule.objects.create(mission=mission, mark=mark, query="wifi")
    view = SavedView.objects.create(mission=mission, owner=lead, name="Mine", address="q=wifi", is_shared=True)
    said = say(mission, post_id, "sentiment", "neutral", by=lead)
    goal = make_goal(mission, by=lead, name="Be heard", metric="volume", target=100.0, baseline=10.0)
    wall = make_wall(mission, "Lobby", scenes=[["network-share"]])
    connection = Connection.objects.create(name=slug, source="webhook", mission=mission, settings={})
    member = Person.objects.create_user(f"member@{slug}.example.org")
    Membership.objects.create(mission=mission, person=member, role="viewer")
    return {
        "slug": slug,
        "topic": topic.pk,
        "post": post_id,
        "author": PostRow.objects.get(pk=post_id).author_id,
        "emerging": term.pk,
        "mark": mark.pk,
        "rule": rule.pk,
        "saved-view": view.pk,
        "said": said.pk,
        "goal": goal.pk,
        "wall": wall.pk,
        "scene": wall.scenes.get().pk,
        "share": share_wall(wall, by=lead, lasts=timedelta(days=1)).share.pk,
        "invitation": invite(mission, by=lead).invitation.pk,
        "person": member.pk,
        "source": connection.pk,
    }


@pytest.fixture
def world():
    people = {
        "administrator": Person.objects.create_superuser("admin@example.org"),
        "foreign": Person.objects.create_user("foreign@example.org"),
    }
    people["lead"] = Person.objects.create_user("lead@example.org")
    mine, theirs = things_of("mine", people["lead"]), things_of("theirs", people["foreign"])
    mission = Mission.objects.get(slug="mine")
    for role in ("viewer", "agent", "analyst"):
        people[role] = Person.objects.create_user(f"{role}@example.org")
        Membership.objects.create(mission=mission, person=people[role], role=role)
    return SimpleNamespace(people=people, mine=mine, theirs=theirs, keys={})


BY_KEYWORD = {
    "post_id": "post", "row": "author", "person_id": "person", "invitation_id": "invitation", "wall_id": "wall",
    "scene_id": "scene", "share_id": "share", "topic_id": "topic", "term_id": "emerging", "mark_id": "mark",
    "rule_id": "rule", "said_id": "said", "goal_id": "goal", "connection_id": "source",
}  # fmt: skip
WORDS = {"set-up": "why", "compare": "theirs", "source-add": "rehearsal", "source-try": "rehearsal"}


def filled(pattern: str, name: str, things: dict[str, int | str], *, slug: str | int | None = None) -> str:
    """The address with the things of a mission in it."""

    def one(found: re.Match[str]) -> str:
        keyword = found[1].split(":")[-1]
        if keyword == "slug":
            return str(slug or things["slug"])
        if keyword == "name":
            return WORDS.get(name, "share-by-network" if pattern.endswith("/parts") else "volume")
        if keyword == "number":
            return "1"
        if keyword in BY_KEYWORD:
            return str(things[BY_KEYWORD[keyword]])
        if keyword == "pk":
            return str(
                next(
                    things[kind]
                    for kind in ("topic", "emerging", "goal", "saved-view", "source")
                    if name.startswith(kind)
                )
            )
        return {"kind": "sentiment", "item": "goal", "token_id": "1"}[keyword]

    return "/" + re.sub(r"[<{]([^>}]+)[>}]", one, pattern)


def holds(role: str, right: Right) -> bool:
    return role == "administrator" or (right not in OF_THE_INSTALLATION and right in ROLES.get(role, frozenset()))


# --- Pages ----------------------------------------------------------------------------------------------------------
# One world for all addresses of a test: what a request changed is taken back.


def said(wrong) -> str:
    return "\n".join(" ".join(str(part) for part in one) for one in wrong)


# They name what they change in what is sent, which is nothing here; the post has no picture.
NOTHING_NAMED = {("marks-change", "post"), ("everybody", "post"), ("post-picture", "get")}


def refused(answer) -> bool:
    return answer.status_code in (401, 403, 404, 405) or "/sign-in/" in answer.get("Location", "")


def ask(client, world, role, method, path, **told):
    client.logout()
    if role != "anonymous" and "headers" not in told:
        client.force_login(world.people[role])
    with transaction.atomic():
        answer = getattr(client, method)(path, **told)
        transaction.set_rollback(True)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


def test_pages_of_a_mission(client, world):
    wrong = []
    for name, pattern in addresses():
        for method, right in zip(("get", "post"), PAGES.get(name, ()), strict=False):
            path = filled(pattern, name, world.mine)
            for role in ROLE_NAMES:
                may = right is not NEVER and holds(role, right)
                if may and name in STREAMS:
                    continue
                answer = ask(client, world, role, method, path)
                if may and (name, method) in NOTHING_NAMED:
                    assert answer.status_code == 404
                    continue
                hides = role != "foreign" or answer.status_code in (404, 405)  # refusal and absence look alike
                if refused(answer) == may or not hides or answer.status_code >= 500:
                    wrong.append((name, method, role, answer.status_code))
    assert not wrong, said(wrong)


def test_things_of_another_mission_are_not_found_under_ones_own_address(client, world):
    wrong = []
    for name, pattern in addresses():
        if not re.search(r"<int:(?!number)", pattern):
            continue
        for method, right in zip(("get", "post"), PAGES.get(name, ()), strict=False):
            if right is not NEVER:
                answer = ask(client, world, "lead", method, filled(pattern, name, world.theirs, slug="mine"))
                if answer.status_code != 404:
                    wrong.append((name, method, answer.status_code))
    assert not wrong, said(wrong)


def test_pages_of_the_installation(client, world):
    wrong = []
    for name, pattern in addresses():
        for method, right in zip(("get", "post"), INSTALLATION.get(name, ()), strict=False):
            path = filled(pattern, name, world.mine)
            for role in ROLE_NAMES:
                answer = ask(client, world, role, method, path)
                if (name, method) in NOTHING_NAMED and answer.status_code == 404:
                    continue
                if refused(answer) == (right is not NEVER and holds(role, right)):
                    wrong.append((name, method, role, answer.status_code))
    assert not wrong, said(wrong)


def test_a_page_about_oneself_needs_somebody(client, world):
    for name, pattern in addresses():
        if name in ONES_OWN:
            path = filled(pattern, name, world.mine)
            assert refused(ask(client, world, "anonymous", "get", path)), name
            answer = ask(client, world, "viewer", "get", path)
            assert answer.status_code in (200, 302, 405), name
            assert "/sign-in/" not in answer.get("Location", ""), name


# --- The API --------------------------------------------------------------------------------------------------------

OPERATIONS = [
    (f"{method} {path.removeprefix('/api/v1')}", method, path)
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method in operations
]
FREE = {"get /me", "post /query", "get /metrics", "get /panels"}
LISTS_ONES_OWN = {"get /missions", "get /connections"}
CHANGES_NEED = {
    "mentions": MARK, "labels": MARK, "marks": MARK, "rules": LISTEN, "topics": LISTEN, "emerging": LISTEN,
    "look-backs": LISTEN, "walls": SHOW, "goals": LEAD, "purpose": LEAD, "level": LEAD, "state": LEAD,
    "readiness": LEAD, "people": LEAD, "invitations": LEAD, "clone": ADMINISTER, "": ADMINISTER,
}  # fmt: skip
OTHERWISE = {
    "get /missions/{slug}/people": LEAD, "get /missions/{slug}/invitations": LEAD,
    "get /missions/{slug}/mentions/hidden": MARK, "get /missions/{slug}/walls/{wall_id}/shares": SHOW,
    "post /missions/{slug}/marks/{mark_id}/rules": LISTEN, "delete /missions/{slug}/marks/{mark_id}": LISTEN,
}  # fmt: skip
EVERY_BODY = {
    "name": "New", "query": "wifi", "metric": "volume", "kind": "event", "source": "rehearsal", "why": "x",
    "is_on": True, "is_ready": True, "level": "watch", "state": "closed", "value": "neutral", "what": "next",
    "panels": [{"panel": "volume"}], "may_show": True, "role": "viewer",
}  # fmt: skip


def needs(name: str) -> Right:
    """What an operation needs, by the part of the mission that it is about."""
    method, path = name.split(" ")
    if name in OTHERWISE:
        return OTHERWISE[name]
    if path.startswith("/connections"):
        return SEE if method == "get" else CONNECT
    if method == "get":
        return SEE
    return CHANGES_NEED[path.removeprefix("/missions").removeprefix("/{slug}").strip("/").split("/")[0]]


def told(name: str, method: str, world) -> dict[str, object]:
    """Something that every operation understands."""
    if name.endswith("/coverage"):
        return {"data": {"since": "2026-07-04T12:00:00Z", "until": "2026-07-04T13:00:00Z"}}
    if method not in ("post", "put"):
        return {}
    body = dict(EVERY_BODY)
    if name == "post /missions/{slug}/marks":
        body["kind"] = "tag"
    if name == "put /missions/{slug}/emerging/{term_id}":
        body["state"] = "ignored"
    if "/topics" in name:
        body["role"] = "own"
    body["posts"] = "all" if name.endswith(("/walls", "/{wall_id}")) else [world.mine["post"]]
    return {"data": body, "content_type": "application/json"}


def program(client, world, role, scopes, name, method, path, things=None, slug=None):
    key = (role, *sorted(scopes))
    if key not in world.keys:
        world.keys[key] = make_token(world.people[role], name="x", scopes=scopes, expires_at=None).secret
    address = filled(path.lstrip("/"), "", things or world.mine, slug=slug)
    headers = {"Authorization": f"Bearer {world.keys[key]}"}
    return ask(client, world, role, method, address, headers=headers, **told(name, method, world))


@pytest.fixture(autouse=True)
def as_often_as_wanted(monkeypatch):
    monkeypatch.setattr("ninja.throttling.SimpleRateThrottle.allow_request", lambda *_told: True)


def test_operations_of_the_api(client, world):
    wrong = []
    for name, method, path in OPERATIONS:
        assert ask(client, world, "anonymous", method, filled(path.lstrip("/"), "", world.mine)).status_code == 401
        for role in ROLE_NAMES[1:]:
            answer = program(client, world, role, Right.values, name, method, path)
            may = name in FREE | LISTS_ONES_OWN or (role != "foreign" and holds(role, needs(name)))
            is_refused = answer.status_code in (403, 404)
            if is_refused == may or answer.status_code >= 500 or answer.status_code == 422:
                wrong.append((name, role, answer.status_code, answer.content[:120]))
    assert not wrong, said(wrong)


def test_things_of_another_mission_are_not_found_by_the_api(client, world):
    wrong = []
    for name, method, path in OPERATIONS:
        if "{slug}" in path and re.search(r"\{(?!slug|name|number|kind|item)", path) and name not in OTHER_MISSIONS:
            answer = program(client, world, "lead", Right.values, name, method, path, world.theirs, slug="mine")
            if answer.status_code != 404:
                wrong.append((name, answer.status_code))
    assert not wrong, said(wrong)


OTHER_MISSIONS = {
    # Says nothing about the post, and nothing comes of it: a wall shows its own mission's posts alone.
    "put /missions/{slug}/walls/posts/{post_id}",
    "delete /missions/{slug}/marks/{mark_id}/posts/{post_id}",
}


def test_a_key_does_nothing_that_its_scopes_lack(client, world):
    wrong = []
    for name, method, path in OPERATIONS:
        if name not in FREE:
            others = [right.value for right in Right if right != needs(name)]
            answer = program(client, world, "administrator", others, name, method, path)
            if answer.status_code != 403:
                wrong.append((name, answer.status_code))
    assert not wrong, said(wrong)

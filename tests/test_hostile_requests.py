"""Whatever is asked of a page: a clear answer, never a breakdown, and nothing of what was asked becomes script."""

from __future__ import annotations

import itertools

import pytest

from watchfloor.first_start import make_rehearsal
from watchfloor.team.models import Person

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert(1)</script>"
VALUES = [
    *["", "0", "-1", "999999999999999999999999", "1e999", "NaN", "null", "\x00", "%00", "٣", "²", "\u202e\u200b"],
    *["1970-01-01", "9999-12-31T23:59:59Z", "2026-02-30", "0001-01-01", "../../etc/passwd", "javascript:alert(1)"],
    *[
        "a" * 30_000,
        "(" * 3_000,
        '"' * 999,
        "lang:" * 500,
        "NOT " * 500 + "x",
        SCRIPT,
        "'; DROP TABLE mentions_post; --",
    ],
    *["\ud83d".encode("utf-8", "surrogatepass"), b"\xff\xfe"],
]
PAGES = {
    "/m/pivot-conference/explore/": [
        "q",
        "topic",
        "since",
        "until",
        "network",
        "sentiment",
        "post",
        "before",
        "from",
        "to",
        *["lang", "author", "has", "tag", "category", "view"],
    ],
    "/m/pivot-conference/explore/figures/": ["q", "topic", "since", "until", "network", "sentiment"],
    "/m/pivot-conference/explore/rows/": ["ids", "q", "topic", "since"],
    "/m/pivot-conference/explore/check/": ["q"],
    "/m/pivot-conference/explore/complete/": ["q", "at"],
    "/m/pivot-conference/explore/compare/": ["q", "by", "metric", "topic", "with", "periods", "since", "from", "to"],
    "/m/pivot-conference/explore/hidden/": ["before"],
    "/m/pivot-conference/marks/": ["q"],
    "/m/pivot-conference/labels/": ["post"],
    "/m/pivot-conference/views/": ["q"],
    "/m/pivot-conference/export.xlsx": ["q", "topic", "tag", "category", "lang", "author", "has"],
    "/m/pivot-conference/export.csv": ["q", "topic", "since", "until"],
    "/m/pivot-conference/export.jsonl": ["q", "topic", "since", "until"],
    "/m/pivot-conference/topics/check/": ["query", "q"],
    "/m/pivot-conference/topics/new/": ["query", "name", "q", "offer", "template"],
    "/m/pivot-conference/topics/1/": ["q", "offer"],
    "/m/pivot-conference/topics/1/versions/": ["before"],
    "/m/pivot-conference/topics/templates/": ["use", "template"],
    "/m/pivot-conference/emerging/": ["show", "part"],
    "/m/pivot-conference/strategy/": ["kind", "before"],
    "/sources/add/bluesky/": ["name"],
    "/m/pivot-conference/": ["since"],
    "/m/pivot-conference/stand-up/": ["since"],
    "/m/pivot-conference/set-up/check/": ["query", "topic-0-query"],
    "/m/pivot-conference/compare/": ["with"],
    "/sign-in/": ["next"],
}


@pytest.fixture
def owner(client):
    make_rehearsal()
    client.force_login(Person.objects.create_superuser("owner@example.org"))
    return client


@pytest.mark.parametrize("path", PAGES)
def test_no_parameter_breaks_a_page(owner, path):
    for name, value in itertools.product(PAGES[path], VALUES):
        answer = owner.get(path, {name: value})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code < 500, (path, name, value)
        assert SCRIPT.encode() not in body, (path, name, value)


@pytest.mark.parametrize(
    "path",
    ["/m/pivot-conference/topics/new/", "/m/pivot-conference/topics/check/", "/m/pivot-conference/topics/1/",
     "/m/pivot-conference/topics/1/check/", "/sources/add/bluesky/",
     "/sources/add/webhook/", "/sources/add/discourse/try/", "/sources/add/webhook/try/", "/hooks/nobody/",
     "/missions/new/",
     "/m/pivot-conference/settings/", "/you/", "/password/", "/m/pivot-conference/explore/check/",
     "/m/pivot-conference/set-up/why/", "/m/pivot-conference/set-up/goals/", "/m/pivot-conference/set-up/topics/",
     "/m/pivot-conference/set-up/wall/", "/m/pivot-conference/set-up/ready/", "/m/pivot-conference/set-up/sources/",
     "/m/pivot-conference/goals/new/", "/m/pivot-conference/goals/1/", "/m/pivot-conference/level/",
     "/m/pivot-conference/explore/act/", "/m/pivot-conference/explore/complete/", "/m/pivot-conference/marks/change/",
     "/m/pivot-conference/labels/answer/", "/m/pivot-conference/labels/learn/", "/m/pivot-conference/views/",
     "/m/pivot-conference/clone/", "/m/pivot-conference/close/", "/m/pivot-conference/reopen/"],
)  # fmt: skip
def test_no_form_breaks_a_page(owner, path):
    fields = [
        "name",
        "query",
        "q",
        "role",
        "why",
        "kind",
        "time_zone",
        "keep_days",
        "mission",
        "setting_hosts",
        "theme",
        *["use_cases", "called", "hashtags", "handles", "competitors", "starts_at", "ends_at", "last_edition"],
        *["baseline_since", "baseline_until", "metric", "topic", "over", "baseline", "baseline_says", "target"],
        *["due_at", "owner", "level", "scene", "source", "speed", "purpose", "goal-answer", "goal-who"],
        *["goal-TOTAL_FORMS", "goal-INITIAL_FORMS", "goal-0-take", "goal-0-target", "goal-0-due_at", "goal-0-name"],
        *["do", "post", "tag", "category", "mark", "rule", "sentiment", "language", "said", "next", "at", "parent"],
        *["address", "shared", "hide", "skip", "take-back", "remove"],
        *["topic-TOTAL_FORMS", "topic-INITIAL_FORMS", "topic-0-take", "topic-0-query", "topic-0-name"],
    ]
    for value in VALUES:
        answer = owner.post(path, dict.fromkeys(fields, value))
        assert answer.status_code < 500, (path, value)
        assert SCRIPT.encode() not in answer.content, (path, value)


@pytest.mark.parametrize(
    "path",
    [
        *["/m/%00/explore/", "/m/../explore/", "/m/pivot-conference/explore/post/99999999999999999999999/"],
        *["/sources/999999999999999999999/", "/m/pivot-conference/topics/99999999999999999999999/"],
        *["/static/../watchfloor/settings.py", "/static/npm/../../pyproject.toml"],
        *["/sign-in/" + "x" * 5_000 + "/", "/" + "a/" * 500],
    ],
)
def test_no_address_breaks_the_server(owner, path):
    answer = owner.get(path)
    assert answer.status_code in (301, 302, 400, 404, 410), (path, answer.status_code)

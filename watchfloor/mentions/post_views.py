"""Pages about one mention: its conversation, and its author. And those that a mission hid."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from watchfloor.mentions.access import LARGEST_ID, enter, post_for
from watchfloor.mentions.author_reads import author_card
from watchfloor.mentions.conversation import conversation_of
from watchfloor.mentions.hiding import hidden_posts
from watchfloor.mentions.rows import NOTHING, added_to, rows
from watchfloor.mentions.views import reasons_of_topics
from watchfloor.team.access import SignedIn, may
from watchfloor.team.rights import Right

PAGE = 50


@require_safe
@never_cache
@login_required
def conversation(request: SignedIn, slug: str, post_id: int) -> HttpResponse:
    mission = enter(request, slug)
    asked, now = post_for(mission, post_id), timezone.now()
    found = conversation_of(mission, asked, now)
    posts = [turn.post for turn in found.turns if turn.post]
    rendered = rows(posts, reasons_of_topics(mission), slug, now, added_to(mission, posts, request.user))
    by_id = {row.id: row for row in rendered}
    turns: list[dict[str, Any]] = [
        {"turn": turn, "row": by_id.get(turn.post.id) if turn.post else None} for turn in found.turns
    ]
    context = {"mission": mission, "asked": asked, "found": found, "turns": turns}
    return render(
        request, "mentions/conversation.html", {**context, "may_mark": may(request.user, mission, Right.MARK)}
    )


@require_safe
@never_cache
@login_required
def author(request: SignedIn, slug: str, row: int) -> HttpResponse:
    mission = enter(request, slug)
    if row >= LARGEST_ID:
        raise Http404("no such author")
    card, now = author_card(mission, row), timezone.now()
    newest = rows(card.newest, reasons_of_topics(mission), slug, now, added_to(mission, card.newest, request.user))
    context = {
        "mission": mission,
        "card": card,
        "now": now,
        "rows": newest,
        "most": max(n for _sentiment, n in card.sentiments),
        "asked_as": card.handle or card.name,
    }
    return render(request, "mentions/author.html", {**context, "may_mark": may(request.user, mission, Right.MARK)})


@require_safe
@never_cache
@login_required
def hidden(request: SignedIn, slug: str) -> HttpResponse:
    """What the mission hid, with a way back."""
    mission = enter(request, slug)
    before = request.GET.get("before", "")
    posts = hidden_posts(
        mission, before=int(before) if before.isdecimal() and len(before) < 19 else None, limit=PAGE + 1
    )
    page = posts[:PAGE]
    context = {
        "mission": mission,
        "rows": rows(page, reasons_of_topics(mission), slug, timezone.now(), NOTHING),
        "older": page[-1].id if len(posts) > PAGE else None,
        "may_mark": may(request.user, mission, Right.MARK),
    }
    return render(request, "mentions/hidden.html", context)

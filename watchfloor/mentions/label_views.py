"""Labels: the queue of the least certain, how right the model is, how far people agree, and learning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.mentions import reads
from watchfloor.mentions.access import enter
from watchfloor.mentions.labels.accuracy import FEWEST, label_accuracy
from watchfloor.mentions.labels.again import label_stored_posts_again
from watchfloor.mentions.labels.agreement import agreement
from watchfloor.mentions.labels.people import CANT_TELL, LabelRefused, take_back
from watchfloor.mentions.labels.queue import answer, next_turn, skip
from watchfloor.mentions.labels.refit import NEW_WORDS, ask_for_refit
from watchfloor.mentions.marking import LabelAgain, PersonLabel, Refit
from watchfloor.mentions.rows import Reasons, rows, shown
from watchfloor.team.access import SignedIn, may, mission_for
from watchfloor.team.rights import Right

MOST_DIFFERING = 10
MOST_REFITS = 10


@require_safe
@never_cache
@login_required
def labels(request: SignedIn, slug: str) -> HttpResponse:
    mission, now = enter(request, slug), timezone.now()
    may_mark = may(request.user, mission, Right.MARK)
    agreed = agreement(mission)
    differing = reads.among(mission, None, list(agreed.differ[:MOST_DIFFERING]))
    refits = list(Refit.objects.all()[:MOST_REFITS])
    running = [row for row in refits if row.state in (Refit.State.ASKED, Refit.State.LEARNING)]
    again = LabelAgain.objects.filter(mission=mission).first()
    last = PersonLabel.objects.filter(
        mission=mission, by=request.user, kind=PersonLabel.Kind.SENTIMENT, takes_back=None, taken_back=None
    )
    context: dict[str, Any] = {
        "mission": mission,
        "accuracy": label_accuracy(mission),
        "fewest": FEWEST,
        "agreement": agreed,
        "differing": rows(differing, Reasons(), slug, now),
        "refits": refits,
        "is_learning": bool(running),
        "again": again,
        "is_working": bool(running) or (again is not None and again.done_at is None),
        "new_words": NEW_WORDS,
        "may_mark": may_mark,
        "may_listen": may(request.user, mission, Right.LISTEN),
        "last": last.exclude(way=PersonLabel.Way.PAGE).order_by("-pk").first(),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "mentions/_learning.html", context)
    turn = next_turn(mission, request.user, now)
    context |= {"turn": turn, "shown": shown(turn.post, []) if turn.post else None, "slug": slug}
    return render(request, "mentions/labels.html", context)


@require_POST
@login_required
def labels_answer(request: SignedIn, slug: str) -> HttpResponse:
    """An answer in the queue, a skip, or the last answer taken back; then the next post."""
    mission = mission_for(request.user, slug, Right.MARK)
    enter(request, slug)
    given = request.POST.get("post", "")
    post = int(given) if given.isdecimal() and len(given) < 19 else 0
    said = request.POST.get("said", "")
    try:
        if "take-back" in request.POST:
            take_back(mission, int(said) if said.isdecimal() and len(said) < 19 else 0, by=request.user)
        elif "skip" in request.POST:
            skip(mission, post, by=request.user, now=timezone.now())
        else:
            value = request.POST.get("sentiment", "")
            answer(mission, post, CANT_TELL if value == "cant-tell" else value or "?", by=request.user)
    except LabelRefused as refused:
        messages.error(request, str(refused))
    return redirect("labels", slug)


@require_POST
@login_required
def labels_learn(request: SignedIn, slug: str) -> HttpResponse:
    """Learn now, or judge stored posts again. Both change what everybody sees."""
    mission = mission_for(request.user, slug, Right.LISTEN)
    enter(request, slug)
    if request.POST.get("do") == "again":
        label_stored_posts_again(mission, by=request.user)
        messages.success(request, _("Stored mentions are being judged again. What people said stays."))
    else:
        ask_for_refit(by=request.user)
        messages.success(request, _("Learning begins within seconds. It is used if it is not worse."))
    return redirect("labels", slug)

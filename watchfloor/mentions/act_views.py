"""What is done to chosen mentions from Explore: tag, sort, hide, correct. One address takes every act, for one mention
or many; scripts get a sentence back, plain pages are sent back where they came from."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from watchfloor.mentions.access import enter
from watchfloor.mentions.hiding import hide_posts, show_posts
from watchfloor.mentions.labels.people import CANT_TELL, LabelRefused, say_of_many, take_back
from watchfloor.mentions.marking import Mark
from watchfloor.mentions.marks_actions import MarkRefused, mark_posts, tag_named, unmark_posts
from watchfloor.team.access import SignedIn, mission_for
from watchfloor.team.models import Mission
from watchfloor.team.rights import Right

Act = Callable[[SignedIn, Mission, list[int]], str]
MOST = 500


class ActRefused(ValueError):
    """The message says what was refused, why, and what to do."""


@require_POST
@login_required
def act(request: SignedIn, slug: str) -> HttpResponse:
    """`do` names the act and `post` the mentions; `hide` alone names one to hide (its button in a row)."""
    mission = mission_for(request.user, slug, Right.MARK)
    enter(request, slug)
    name = "hide" if "hide" in request.POST else request.POST.get("do", "")
    posts = _numbers(request.POST.getlist("hide") or request.POST.getlist("post"))
    try:
        doing = ACTS.get(name)
        if doing is None:
            raise ActRefused(_("Choose what to do."))
        if not posts and name != "take-back":
            raise ActRefused(_("No mention is chosen. Tick one or more first."))
        says = doing(request, mission, posts)
    except (ActRefused, MarkRefused, LabelRefused) as refused:
        return _answer(request, mission, str(refused), status=422)
    return _answer(request, mission, says)


def _tag(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    mark = tag_named(mission, request.POST.get("tag", ""), by=request.user)
    n = mark_posts(mission, mark, posts, by=request.user)
    return ngettext("Tagged %(n)d mention “%(tag)s”.", "Tagged %(n)d mentions “%(tag)s”.", n) % {
        "n": n,
        "tag": mark.name,
    }


def _sort(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    mark = _mark(mission, request.POST.get("category", ""))
    n = mark_posts(mission, mark, posts, by=request.user)
    return ngettext("Put %(n)d mention into “%(to)s”.", "Put %(n)d mentions into “%(to)s”.", n) % {
        "n": n,
        "to": str(mark),
    }


def _unmark(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    mark = _mark(mission, request.POST.get("mark", ""))
    unmark_posts(mission, mark, posts, by=request.user)
    return _("Took “%(mark)s” off.") % {"mark": str(mark)}


def _hide(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    n = len(hide_posts(mission, posts))
    return ngettext(
        "Hid %(n)d mention from lists, figures and walls.", "Hid %(n)d mentions from lists, figures and walls.", n
    ) % {"n": n}


def _show(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    n = len(show_posts(mission, posts))
    return ngettext("Showing %(n)d mention again.", "Showing %(n)d mentions again.", n) % {"n": n}


def _correct_sentiment(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    value = request.POST.get("sentiment", "")
    n = say_of_many(mission, posts, "sentiment", CANT_TELL if value == "cant-tell" else value or "?", by=request.user)
    return _corrected(n)


def _correct_language(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    return _corrected(
        say_of_many(mission, posts, "language", request.POST.get("language", "").strip() or "?", by=request.user)
    )


def _take_back(request: SignedIn, mission: Mission, posts: list[int]) -> str:
    (said,) = _numbers([request.POST.get("said", "")]) or (0,)
    take_back(mission, said, by=request.user)
    return _("Took the label back.")


def _corrected(n: int) -> str:
    return ngettext("Corrected %(n)d mention.", "Corrected %(n)d mentions.", n) % {"n": n}


ACTS: dict[str, Act] = {
    "tag": _tag,
    "sort": _sort,
    "unmark": _unmark,
    "hide": _hide,
    "show": _show,
    "sentiment": _correct_sentiment,
    "language": _correct_language,
    "take-back": _take_back,
}


def _mark(mission: Mission, pk: str) -> Mark:
    found = (
        Mark.objects.filter(mission=mission, pk=int(pk)).select_related("parent").first()
        if pk.isdecimal() and len(pk) < 19
        else None
    )
    if found is None:
        raise ActRefused(_("This tag or category is gone. Reload the page and choose another."))
    return found


def _numbers(given: list[str]) -> list[int]:
    return [int(pk) for pk in given[:MOST] if pk.isdecimal() and len(pk) < 19]


def _answer(request: SignedIn, mission: Mission, says: str, *, status: int = 200) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"says": says}, status=status)
    messages.info(request, says)
    back = request.POST.get("next", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("explore", args=[mission.slug])
    return HttpResponseRedirect(back)

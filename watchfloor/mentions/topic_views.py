"""Topics: the list with what they found, writing and changing one with a back-test over stored posts.

These pages show mentions, so they stand here; what a topic is and how it changes stands in `listening/`.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from watchfloor.listening import actions
from watchfloor.listening.access import topic_for
from watchfloor.listening.forms import MOST_CHARACTERS, TopicForm, WhyForm
from watchfloor.listening.language.tree import QueryError
from watchfloor.listening.library import NotFilled, Template, fill, snippet, template, templates, use_cases, without
from watchfloor.listening.models import Topic
from watchfloor.listening.query_warnings import warnings_of
from watchfloor.listening.trends.actions import note_added
from watchfloor.listening.trends.suggest import Suggestion, suggestion
from watchfloor.listening.typed import read_typed
from watchfloor.mentions.access import enter
from watchfloor.mentions.topic_draft import MOST_READ_WHILE_TYPING, draft
from watchfloor.mentions.topic_reads import last_day
from watchfloor.mentions.topic_shown import judged_words, shown_draft
from watchfloor.team.access import SignedIn, may_change_listening
from watchfloor.team.models import Mission


@require_safe
@login_required
def topics(request: SignedIn, slug: str) -> HttpResponse:
    mission = enter(request, slug)
    found = list(Topic.objects.kept().filter(mission=mission).order_by("-is_on", "name"))
    rows = []
    for row in last_day(found, timezone.now()):
        typed = read_typed(row.topic.query)
        rows.append({"row": row, "typed": typed, "warnings": warnings_of(typed.query) if typed.query else []})
    context = {"mission": mission, "rows": rows, "may_write": may_change_listening(request.user, mission)}
    return render(request, "listening/topics.html", context)


@login_required
def topic_new(request: SignedIn, slug: str) -> HttpResponse:
    mission = _writable(request, slug)
    if request.method != "POST" and _wrong(request):
        return topic_library(request, slug)  # says what is missing
    suggested = suggestion(mission, None, _offer(request))
    initial = {"query": request.GET.get("q", "")[:MOST_CHARACTERS], **_from_template(request)}
    if suggested:
        initial = {"query": suggested.query, "name": suggested.name, "why": suggested.why}
    form = TopicForm(_data(request), mission=mission, initial=initial)
    if form.is_bound and "noise" not in request.POST and form.is_valid():
        try:
            told = form.cleaned_data
            made = actions.make_topic(
                mission, name=told["name"], role=told["role"], query=told["query"], why=told["why"], by=request.user
            )
        except IntegrityError:
            form.add_error("name", _("Another topic of this mission got this name just now. Choose a different one."))
        else:
            _note_offer(suggested, made, request)
            messages.success(request, _("Topic saved. It listens from now on; stored posts are being looked through."))
            return redirect("topic", slug, made.pk)
    return _page(request, mission, form, None, suggested)


@login_required
def topic(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    this = topic_for(request.user, slug, pk)
    mission = enter(request, slug)
    may_write = may_change_listening(request.user, mission)
    if request.method == "POST" and not may_write:
        raise PermissionDenied
    suggested = suggestion(mission, this, _offer(request)) if may_write else None
    initial = {"name": this.name, "role": this.role, "query": this.query}
    if suggested:
        initial |= {"query": suggested.query, "why": suggested.why}
    elif may_write and request.GET.get("q"):
        initial["query"] = request.GET["q"][:MOST_CHARACTERS]
    form = TopicForm(_data(request), mission=mission, topic=this, initial=initial)
    if form.is_bound and "noise" not in request.POST and form.is_valid():
        try:
            told = form.cleaned_data
            changed = actions.change_topic(
                this,
                name=told["name"],
                role=told["role"],
                query=told["query"],
                why=_why(told["why"], request.POST),
                by=request.user,
            )
        except IntegrityError:
            form.add_error("name", _("Another topic of this mission got this name just now. Choose a different one."))
        else:
            _note_offer(suggested, changed, request)
            is_new = changed.version != this.version
            said = _("Version %(n)d is in force from now on; stored posts are being looked through.")
            messages.success(request, said % {"n": changed.version} if is_new else _("Saved."))
            return redirect("topic", slug, pk)
    return _page(request, mission, form, this, suggested, may_write=may_write)


def _page(
    request: SignedIn,
    mission: Mission,
    form: TopicForm,
    this: Topic | None,
    suggested: Suggestion | None,
    *,
    may_write: bool = True,
) -> HttpResponse:
    looked = draft(mission, form.typed.text, timezone.now(), topic=this)
    context = {
        "mission": mission,
        "topic": this,
        "form": form,
        "typed": form.typed,
        "may_write": may_write,
        "suggested": suggested,
        "latest": this.versions.select_related("made_by").first() if this else None,
        **shown_draft(mission, looked, this),
    }
    is_wrong = bool(form.errors) and "noise" not in request.POST
    return render(request, "listening/topic.html", context, status=422 if is_wrong else 200)


@require_POST
@login_required
def topic_switch(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    this = topic_for(request.user, slug, pk)
    _writable(request, slug)
    why = WhyForm(request.POST)
    actions.switch_topic(
        this,
        on=request.POST.get("on") == "1",
        by=request.user,
        why=why.cleaned_data["why"] if why.is_valid() else "",
    )
    return redirect("topic", slug, pk)


@require_safe
@never_cache
@login_required
def topic_state(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    """Whether it listens, and how far its newest query is applied; for pages that connect while it is."""
    this = topic_for(request.user, slug, pk)
    return render(request, "listening/_state.html", {"mission": this.mission, "topic": this})


@login_required
def topic_remove(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    """Says what goes along, then does it."""
    this = topic_for(request.user, slug, pk)
    mission = _writable(request, slug)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.remove_topic(this, by=request.user, why=form.cleaned_data["why"])
        messages.success(request, _("Topic removed. Its mentions are being taken away."))
        return redirect("topics", slug)
    [row] = last_day([this], timezone.now())
    return render(request, "listening/topic_remove.html", {"mission": mission, "topic": this, "form": form, "row": row})


@login_required
def topic_check(request: SignedIn, slug: str, pk: int | None = None) -> HttpResponse:
    """As you type: in words or what is wrong, what it changes, what it would have found, what is doubtful.

    Asked by POST, because a query may be longer than an address; it changes nothing."""
    this = topic_for(request.user, slug, pk) if pk is not None else None
    mission = enter(request, slug)
    text = (request.POST or request.GET).get("query", "")[: MOST_CHARACTERS + 1]
    looked = draft(mission, text, timezone.now(), topic=this, most_read=MOST_READ_WHILE_TYPING)
    context = {"mission": mission, "topic": this, "may_write": True, **shown_draft(mission, looked, this)}
    return render(request, "listening/_draft.html", context)


@require_safe
@login_required
def topic_library(request: SignedIn, slug: str) -> HttpResponse:
    """Queries to begin with, by use case."""
    mission = _writable(request, slug)
    names = use_cases()
    chosen = request.GET.get("use", "")
    groups = [(key, name, [one for one in templates() if one.use_case == key]) for key, name in names.items()]
    context = {
        "mission": mission,
        "groups": [group for group in groups if not chosen or group[0] == chosen or chosen not in names],
        "use_cases": names,
        "chosen": chosen if chosen in names else "",
        "asked": template(request.GET.get("template", "")),
        "values": request.GET,
        "wrong": _wrong(request),
    }
    return render(request, "listening/library.html", context, status=422 if context["wrong"] else 200)


def _from_template(request: SignedIn) -> dict[str, str]:
    """What a filled-in template begins a topic with; {} where none was asked for or it can't be filled."""
    asked = template(request.GET.get("template", ""))
    if asked is None:
        return {}
    try:
        return {"query": fill(asked, _values(asked, request.GET)), "role": asked.role, "name": asked.name}
    except (NotFilled, QueryError):
        return {}


def _wrong(request: SignedIn) -> str:
    """Why the asked template can't be filled by what was given; "" if it can or none was asked for."""
    asked = template(request.GET.get("template", ""))
    if asked is None:
        return ""
    try:
        fill(asked, _values(asked, request.GET))
    except (NotFilled, QueryError) as error:
        return str(error)
    return ""


def _values(asked: Template, given: QueryDict) -> dict[str, str]:
    return {one.key: given.get(one.key, "")[:2_000] for one in asked.placeholders}


def _data(request: SignedIn) -> QueryDict | None:
    """What was posted; with a noise snippet's button, the query with that noise shut out."""
    if request.method != "POST":
        return None
    chosen = snippet(request.POST.get("noise", ""))
    if chosen is None:
        return request.POST
    data = request.POST.copy()
    data["query"] = without(data.get("query", "")[:MOST_CHARACTERS], chosen)
    return data


def _offer(request: SignedIn) -> int | None:
    asked = request.POST.get("offer") or request.GET.get("offer", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _note_offer(suggested: Suggestion | None, topic: Topic, request: SignedIn) -> None:
    if suggested:
        note_added(suggested.offer, topic, by=request.user)


def _why(words: str, posted: QueryDict) -> str:
    """The person's words, with what they said of the examples."""
    return " ".join(part for part in (words, judged_words(posted)) if part)[:500] if words else ""


def _writable(request: SignedIn, slug: str) -> Mission:
    mission = enter(request, slug)
    if not may_change_listening(request.user, mission):
        raise PermissionDenied
    return mission

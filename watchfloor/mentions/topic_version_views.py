"""The history of a topic: every version with what it changed, who and why; and back to an earlier one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from watchfloor.listening import actions
from watchfloor.listening.access import topic_for, version_for
from watchfloor.listening.diff import Change, Means, differences, what_changes
from watchfloor.listening.forms import WhyForm
from watchfloor.listening.models import Topic, TopicVersion
from watchfloor.listening.typed import Typed, read_typed
from watchfloor.mentions.access import enter
from watchfloor.mentions.topic_draft import draft
from watchfloor.mentions.topic_shown import shown_draft
from watchfloor.team.access import SignedIn, may_change_listening

PAGE = 20


@require_safe
@login_required
def topic_versions(request: SignedIn, slug: str, pk: int) -> HttpResponse:
    this = topic_for(request.user, slug, pk)
    mission = enter(request, slug)
    before = request.GET.get("before", "")
    first = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else this.version + 1
    versions, older = history(this, before=first)
    context = {
        "mission": mission,
        "topic": this,
        "versions": versions,
        "older": older,
        "may_write": may_change_listening(request.user, mission),
    }
    return render(request, "listening/topic_versions.html", context)


@login_required
def topic_restore(request: SignedIn, slug: str, pk: int, number: int) -> HttpResponse:
    """Shows what going back would change and find, then does it."""
    this = topic_for(request.user, slug, pk)
    mission = enter(request, slug)
    if not may_change_listening(request.user, mission):
        raise PermissionDenied
    version = version_for(this, number)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        changed = actions.restore_version(this, number, by=request.user, why=form.cleaned_data["why"])
        said = _("Version %(n)d brings back version %(old)d; stored posts are being looked through.")
        is_new = changed.version != this.version
        messages.success(
            request, said % {"n": changed.version, "old": number} if is_new else _("Its query is in force already.")
        )
        return redirect("topic", slug, pk)
    looked = draft(mission, version.query, timezone.now(), topic=this)
    context = {
        "mission": mission,
        "topic": this,
        "version": version,
        "form": form,
        "is_restore": True,
        **shown_draft(mission, looked, this),
    }
    return render(request, "listening/topic_restore.html", context)


@dataclass(frozen=True)
class Shown:
    """A version and what it changed; `changes` None: it is the first."""

    version: TopicVersion
    typed: Typed
    changes: list[Change] | None
    means: Means | None


def history(topic: Topic, *, before: int, limit: int = PAGE) -> tuple[list[Shown], int | None]:
    """Versions below `before`, newest first, each with what it changed against the one before it; and the number to go
    on below, None at the end."""
    kept = list(topic.versions.select_related("made_by").filter(number__lt=before)[: limit + 1])
    found = []
    for version, previous in zip(kept, [*kept[1:], None], strict=False):
        new, old = read_typed(version.query), read_typed(previous.query if previous else "")
        means = what_changes(old.query, new.query) if old.query and new.query else None
        changes = differences(previous.query, version.query) if previous else None
        found.append(Shown(version, new, changes, means))
    return found[:limit], found[limit - 1].version.number if len(found) > limit else None

"""Learning from people's words: one refit, from asking for it to the model's being in use.

It runs in a process of its own at low priority, started by the desk (`refit_process.py`), so that neither the desk's
clocks nor the stream wait for it. What a crash leaves half done is begun anew.
"""

from __future__ import annotations

import atexit
import subprocess
import sys
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from watchfloor.live.announce import publish
from watchfloor.mentions.labels.accuracy import FEWEST, Judged, judged_posts, shares_right
from watchfloor.mentions.labels.held import is_held
from watchfloor.mentions.labels.in_use import follow_the_model, models_folder
from watchfloor.mentions.labels.model import load_model, save_model
from watchfloor.mentions.labels.sentiment import model_in_use, shipped_model, text_of, use_model
from watchfloor.mentions.marking import PersonLabel, Refit
from watchfloor.team.models import Person

NEW_WORDS = 25  # since the last time, before it learns by itself
NOT_OFTENER = timedelta(minutes=10)
State = Refit.State
PROCESS = "watchfloor.mentions.labels.refit_process"


def ask_for_refit(*, by: Person | None) -> Refit:
    """Learn as soon as the desk comes to it. Who asks while one waits gets that one."""
    try:
        with transaction.atomic():
            return Refit.objects.create(asked_by=by, asked_at=timezone.now())
    except IntegrityError:
        return Refit.objects.get(state=State.ASKED)


class LearnFromPeople:
    """The desk's duty: asks for a refit when enough was said, and sees to it that one that waits is done."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)  # what it leaves half done is begun anew at the next start

    def learn_from_people(self) -> bool:
        if self._running is not None:
            if self._running.poll() is None:
                return False
            failed = (State.LEARNING, State.ASKED) if self._running.returncode else (State.LEARNING,)
            self._running = None
            Refit.objects.filter(state__in=failed).update(
                state=State.FAILED,
                done_at=timezone.now(),
                says=_("Learning ended early; the server's log says why. The model before stays in use."),
            )
        ask_if_enough_was_said()
        if not Refit.objects.filter(state__in=(State.ASKED, State.LEARNING)).exists():
            return False
        # One that is "learning" while nothing runs was cut off by a crash; it is begun anew.
        Refit.objects.filter(state=State.LEARNING).update(state=State.FAILED, done_at=timezone.now())
        if Refit.objects.filter(state=State.ASKED).exists() or ask_for_refit(by=None):
            self._running = subprocess.Popen([sys.executable, "-m", PROCESS])  # noqa: S603 - our own module
        return False

    def stop(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait(10)


def ask_if_enough_was_said() -> None:
    """A refit for every NEW_WORDS words about posts to learn from, not oftener than NOT_OFTENER."""
    last = Refit.objects.order_by("-pk").first()
    if last is not None and (last.done_at is None or timezone.now() - last.done_at < NOT_OFTENER):
        return
    new = PersonLabel.objects.filter(
        kind=PersonLabel.Kind.SENTIMENT, is_held=False, pk__gt=last.heard_until if last else 0
    )
    if new.count() >= NEW_WORDS:
        ask_for_refit(by=None)


def refit() -> Refit | None:
    """Do the refit that waits. None: none does."""
    row = Refit.objects.filter(state=State.ASKED).first()
    if row is None or not Refit.objects.filter(pk=row.pk, state=State.ASKED).update(
        state=State.LEARNING, started_at=timezone.now()
    ):
        return None
    row.refresh_from_db()
    follow_the_model()
    words = _words()
    row.heard_until = max((word.pk for word in words), default=0)
    judged = judged_posts([(word.mission_id, word.post_id, word.value) for word in words])
    # By the post, not by what the row says: whatever may happen to rows, a held post is never learnt from.
    learning = [(post, value) for post, value in judged if value and not is_held(post.post)]
    held = [(post, value) for post, value in judged if value and is_held(post.post)]
    _learn(row, learning, held)
    row.done_at = timezone.now()
    row.save()
    if row.is_in_use:
        publish("topics", {"model": row.version})  # whoever judges hears it on the channel that it follows anyway
    return row


def _learn(row: Refit, learning: list[Judged], held: list[Judged]) -> None:
    """Fit, measure before and after on the held part, and take the model into use if neither figure is worse."""
    from watchfloor.mentions.labels.learn import TooFewLabels, learn

    row.before, row.held = model_in_use().by, len(held)
    english = [(text_of(post.post), value) for post, value in learning if (post.language or "").startswith("en")]
    try:
        learnt = learn(english, start=shipped_model())  # type: ignore[arg-type] # values were checked when said
    except TooFewLabels as error:
        row.state, row.says = State.TOO_FEW, str(error)
        return
    row.learnt_from = learnt.posts
    models_folder().mkdir(parents=True, exist_ok=True)
    row.file = f"{learnt.header.name}-{learnt.header.version}.wfm"
    save_model(models_folder() / row.file, learnt.header, learnt.table)
    new = load_model(models_folder() / row.file)
    row.version = new.by
    before, after = shares_right(held, model_in_use()), shares_right(held, new)
    if before is None or after is None or len(held) < FEWEST:
        row.state = State.LEFT
        row.says = _(
            "Not used: only %(n)d labelled posts belong to the held part, %(least)d are needed to tell whether it is "
            "better. Label more in the queue."
        ) % {"n": len(held), "least": FEWEST}
        return
    (row.accuracy_before, row.f1_before), (row.accuracy_after, row.f1_after) = before, after
    if new.by == model_in_use().by:
        row.state, row.says = State.LEFT, _("It is the model that is in use already.")
    elif after[0] < before[0] or after[1] < before[1]:
        row.state, row.says = State.LEFT, _("Not used: it is worse on the posts that it did not learn from.")
    else:
        with transaction.atomic():
            Refit.objects.filter(is_in_use=True).update(is_in_use=False)
            row.state, row.is_in_use, row.done_at = State.TAKEN, True, timezone.now()
            row.save()
        use_model(new)


def _words() -> list[PersonLabel]:
    """Everything that was said of sentiments and stands, oldest first, of all missions: there is one model."""
    said = PersonLabel.objects.filter(kind=PersonLabel.Kind.SENTIMENT, takes_back=None, taken_back=None)
    return list(said.order_by("pk"))

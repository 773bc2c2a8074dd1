"""Where a goal's baseline can come from: stored posts of a time before, or the last edition's own figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from watchfloor.metrics.question import Question, Window
from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.missions.goals import MINUTE, SPANS, measure
from watchfloor.missions.models import Goal
from watchfloor.team.models import Mission


@dataclass(frozen=True)
class Baseline:
    """`value` None: nothing could be measured, `says` is the reason; else it is where the value comes from."""

    value: float | None
    comes_from: str
    says: str


def propose(mission: Mission, metric_name: str, over: str, now: datetime) -> Baseline:
    """The best baseline there is for a goal of this mission: the last edition's figure, else the period that was named,
    else, for what does not count up, the same stretch before now."""
    if mission.last_edition:
        found = of_edition(mission.last_edition, metric_name, over, now)
        if found.value is not None:
            return found
    purpose = getattr(mission, "purpose", None)
    if purpose and purpose.baseline_since and purpose.baseline_until:
        return measured(mission, metric_name, Window(purpose.baseline_since, purpose.baseline_until))
    if over == Goal.Over.PERIOD:
        return Baseline(None, Goal.BaselineFrom.NOTHING, _("No earlier edition and no baseline period was named."))
    return measured(mission, metric_name, Window(now - SPANS[Goal.Over(over)], now))


def measured(mission: Mission, metric_name: str, window: Window, topic_id: int | None = None) -> Baseline:
    """The metric over a stretch of stored posts."""
    try:
        found = metric(metric_name)
    except UnknownMetric as unknown:
        return Baseline(None, Goal.BaselineFrom.NOTHING, str(unknown))
    if found.figure is None:
        return Baseline(None, Goal.BaselineFrom.NOTHING, _("This metric has no single figure."))
    figure = found.figure(Question(mission, window, topic_ids=(topic_id,) if topic_id else None, now=timezone.now()))
    if figure.value is None or not figure.sample:
        why = figure.why_unknown or _("No stored post lies in that time.")
        return Baseline(None, Goal.BaselineFrom.NOTHING, why)
    said = {"since": _moment(window.since), "until": _moment(window.until), "n": figure.sample, "v": figure.version}
    says = _("Measured from %(n)d posts, %(since)s to %(until)s, formula %(v)d") % said
    return Baseline(figure.value, Goal.BaselineFrom.MEASURED, says)


def of_edition(edition: Mission, metric_name: str, over: str, now: datetime) -> Baseline:
    """What the edition came to: kept at its closing, else of its goal on this metric, else measured over its period."""
    kept = edition.kept_figures.filter(metric=metric_name).first()
    if kept is not None and kept.value is not None:
        says = _("%(edition)s, as kept at its closing") % {"edition": edition.name}
        return Baseline(kept.value, Goal.BaselineFrom.EDITION, says)
    goal = edition.goals.filter(metric=metric_name, topic=None, over=over).first()
    if goal is not None:
        figure = measure(goal, now)
        if figure is not None and figure.value is not None:
            says = _("%(edition)s, its goal “%(goal)s”") % {"edition": edition.name, "goal": goal.name}
            return Baseline(figure.value, Goal.BaselineFrom.EDITION, says)
    if edition.starts_at is None:
        return Baseline(None, Goal.BaselineFrom.NOTHING, _("The last edition has no dates to measure over."))
    until = min(edition.ends_at or now, now)
    if until - edition.starts_at < MINUTE:
        return Baseline(None, Goal.BaselineFrom.NOTHING, _("The last edition has not begun."))
    found = measured(edition, metric_name, Window(edition.starts_at, until))
    if found.value is None:
        return found
    says = _("%(edition)s: %(says)s") % {"edition": edition.name, "says": found.says}
    return Baseline(found.value, Goal.BaselineFrom.EDITION, says)


def _moment(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "j M Y H:i")

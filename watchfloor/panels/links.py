"""Addresses of what stands behind numbers: definitions, and the posts themselves."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from watchfloor.metrics.figure import Behind, Figure
from watchfloor.metrics.question import Question

SPANS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
SLACK = timedelta(minutes=2)


def asked(question: Question) -> str:
    """The question as an address asks it, without "?": a stretch that ends now goes on ending now."""
    parameters: list[tuple[str, str]] = [("topic", str(pk)) for pk in question.topic_ids or ()]
    if question.query:
        parameters.append(("q", question.query))
    return urlencode([*parameters, *_stretch(question)])


def explore_link(slug: str, behind: Behind) -> str:
    """Exactly these posts, in Explore."""
    parameters = [("topic", str(pk)) for pk in behind.topic_ids or ()]
    if behind.query:
        parameters.append(("q", behind.query))
    parameters += [("from", behind.window.since.isoformat()), ("to", behind.window.until.isoformat())]
    return f"{reverse('explore', args=[slug])}?{urlencode(parameters)}"


def metric_link(slug: str, figure: Figure) -> str:
    """The page that explains the number."""
    address = reverse("metric", args=[slug, figure.metric])
    if figure.question is None:
        return address
    version = urlencode([("version", str(figure.version))]) if figure.question.version else ""
    return f"{address}?{'&'.join(part for part in (asked(figure.question), version) if part)}"


def _stretch(question: Question) -> list[tuple[str, str]]:
    window, now = question.window, question.asked_at
    if abs(window.until - now) <= SLACK:
        for name, span in SPANS.items():
            if abs(now - window.since - span) <= SLACK:
                return [("since", name)]
    return [("from", window.since.isoformat()), ("to", window.until.isoformat())]

"""Parts of goals that templates draw."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.missions.compare import AlignedPoint
from watchfloor.missions.goal_card import GoalCard
from watchfloor.missions.value_words import value_words

register = template.Library()


@register.simple_tag
def meter(card: GoalCard) -> SafeString:
    """A bar from the line's begin to the target, with a mark where the goal is expected now. Its words stand beside
    it."""
    fill = SafeString("")
    if card.fill is not None and card.fill > 0:
        fill = format_html('<rect class="m-fill" width="{}" height="6" y="4"/>', round(card.fill, 1))
    mark = SafeString("")
    if card.mark is not None:
        at = min(99.6, max(0.4, card.mark))
        mark = format_html('<line class="m-mark" x1="{0}" x2="{0}" y1="0" y2="14"/>', round(at, 1))
    return format_html(
        '<svg class="m-meter is-{}" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="m-track" width="100" height="6" y="4"/>{}{}</svg>',
        card.shape,
        fill,
        mark,
    )


@register.filter
def valued(value: float | None, metric: str) -> str:
    """A metric's value with its unit."""
    return value_words(metric, value)


@register.filter
def per_cent(part: float | None) -> str:
    """0 … 1 as "97 %"; "–" for what is not known."""
    return "–" if part is None else f"{part * 100:.0f} %"


@register.simple_tag
def two_lines(points: list[AlignedPoint]) -> SafeString:
    """Two editions' volume over the same hours, 1000 × 240, from zero; the table beside it says the same in figures."""
    known = [value for point in points for value in (point.ours, point.theirs) if value is not None]
    if not known or len(points) < 2:
        return SafeString("")
    top, across = max(known) or 1, 1000 / (len(points) - 1)
    lines = []
    for name in ("theirs", "ours"):
        values = [(n, getattr(point, name)) for n, point in enumerate(points)]
        path = " L".join(f"{n * across:.1f} {230 - value / top * 220:.1f}" for n, value in values if value is not None)
        lines.append(format_html('<path class="is-{}" d="M{}"/>', name, path))
    begins = next((n for n, point in enumerate(points) if point.offset == 0), 0) * across
    mark = format_html('<line class="c-begin" x1="{0}" x2="{0}" y1="0" y2="230"/>', round(begins, 1))
    return format_html(
        '<svg class="c-lines" viewBox="0 0 1000 240" preserveAspectRatio="none" aria-hidden="true">'
        '<line class="c-zero" x1="0" x2="1000" y1="230" y2="230"/>{}{}{}</svg>',
        mark,
        *lines,
    )

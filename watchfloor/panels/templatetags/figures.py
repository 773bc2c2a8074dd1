"""Numbers as pages show them: with their unit, and a link to what they mean. Built in: templates need no `load`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.metrics.figure import Figure
from watchfloor.metrics.unit import Unit
from watchfloor.panels.links import metric_link

register = template.Library()


@register.simple_tag(takes_context=True, name="figure")
def figure_tag(context: dict[str, Any], figure: Figure | None, slug: str = "") -> SafeString:
    """The number, its unit, and the link that explains it. `slug`: the mission's, else that of `mission` in context."""
    if figure is None:
        return SafeString("")
    slug = slug or getattr(context.get("mission") or getattr(figure.question, "mission", None), "slug", "")
    return format_html(
        '<a class="wf-fig" href="{}" data-figure title="{}"><b>{}</b><span>{}</span></a>',
        metric_link(slug, figure),
        exactly(figure) if figure.value is not None else figure.why_unknown,
        said(figure.value, figure.unit),
        figure.unit.words(figure.value),
    )


def exactly(figure: Figure) -> str:
    return f"{figure.value:,.10g} {figure.unit.words(figure.value)}" if figure.value is not None else figure.why_unknown


@register.filter
def said(value: float | None, unit: Unit | None = None) -> str:
    """A value as people read it: 1,204; +31; 12.4; "–" for what is not known."""
    if value is None:
        return "–"
    if unit == Unit.POINTS:
        return f"{value:+.0f}".replace("-", "−")
    if float(value).is_integer():
        return f"{value:,.0f}".replace("-", "−")
    return formats.number_format(round(value, 1 if abs(value) >= 1 else 2), force_grouping=True).replace("-", "−")

"""Numbers, zones and marks as a wall shows them: short, and without links."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.metrics.figure import Figure
from watchfloor.metrics.unit import Unit
from watchfloor.sources.reads import network_marks

register = template.Library()


@register.filter
def wall_number(figure: Figure) -> str:
    """12.4k, 48 %, +31, "–" for what is not known; exact numbers are for desks."""
    value = figure.value
    if value is None:
        return "–"
    if figure.unit == Unit.PERCENT:
        return f"{value:.0f} %"
    if figure.unit == Unit.POINTS:
        return f"{value:+.0f}".replace("-", "−")
    return short(value)


@register.filter
def short(value: float | None) -> str:
    if value is None:
        return "–"
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size * 10 or (size > 1_000 and abs(value) >= size):
            return f"{value / size:.3g}{letter}".replace("-", "−")
    return (f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}").replace("-", "−")


@register.filter
def percent(part: float | None) -> str:
    """0 … 1 as "48 %"; what is little but not nothing is "< 1 %"."""
    if part is None:
        return "–"
    return "< 1 %" if 0 < part < 0.005 else f"{100 * part:.0f} %"


@register.filter
def zone_city(zone: str) -> str:
    """`America/New_York` as "New York"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


@register.simple_tag
def net_mark(network: str) -> SafeString:
    """A network's round mark; its name is for those who listen."""
    mark = network_marks().get(network)
    letters, title = (mark.letters, mark.title) if mark else (network[:2].title(), network)
    kind = "" if mark is None or mark.shape == "microblog" else f"wf-net-{mark.shape}"
    return format_html(
        '<span class="wf-net {}"><b aria-hidden="true">{}</b><span class="wf-sr">{}</span></span>', kind, letters, title
    )

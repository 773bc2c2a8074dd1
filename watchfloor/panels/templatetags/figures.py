"""Numbers as pages show them: with their unit, and a link to what they mean. Built in: templates need no `load`."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchfloor.metrics.figure import Behind, Figure
from watchfloor.metrics.registry import Metric, all_metrics
from watchfloor.metrics.unit import Unit
from watchfloor.panels import links
from watchfloor.panels.registry import Column, Drawn, all_panels
from watchfloor.panels.words import said, share_words, stretch_words, with_minus

register = template.Library()


@register.simple_tag(takes_context=True, name="figure")
def figure_tag(
    context: dict[str, Any], figure: Figure | None, slug: str = "", *, size: str = "", named: bool | int = False
) -> SafeString:
    """The number, its unit, and the link that explains it. `slug`: the mission's, else that of `mission` in context.
    `named`: with the metric's title where its unit does not say it."""
    if figure is None:
        return SafeString("")
    mission = getattr(figure.question, "mission", None) or context.get("mission")
    unit = unit_of(figure)
    if named or figure.unit in (Unit.PERCENT, Unit.POINTS, Unit.SCORE):
        unit = f"{unit} {_title(figure)}" if figure.unit in (Unit.PERCENT, Unit.POINTS) else _title(figure)
    return format_html(
        '<a class="wf-fig {}" href="{}" data-figure title="{}"><b>{}</b><span>{}</span></a>',
        size,
        links.metric_link(slug or getattr(mission, "slug", ""), figure),
        f"{_title(figure)}: {exactly(figure)} {unit_of(figure)}" if figure.value is not None else figure.why_unknown,
        said(figure.value, figure.unit),
        unit,
    )


register.filter("said", said)


@register.filter
def exactly(figure: Figure) -> str:
    """The value with all that is known of it."""
    return "–" if figure.value is None else with_minus(f"{figure.value:,.10g}")


@register.simple_tag
def unit_of(figure: Figure) -> str:
    return figure.unit.words(figure.value)


register.filter("share", share_words)


@register.filter
def without_scheme(url: str) -> str:
    return url.split("://", 1)[-1].removeprefix("www.")


@register.filter
def stretch(drawn: Drawn) -> str:
    return stretch_words(drawn)


@register.filter
def metrics_of(drawn: Drawn) -> list[Metric]:
    """What the panel's definition names, for links to their definitions."""
    panel = all_panels().get(drawn.panel)
    return [all_metrics()[name] for name in panel.metrics if name in all_metrics()] if panel else []


@register.filter
def linked_rows(drawn: Drawn) -> list[tuple[list[tuple[Column, Any]], str]]:
    """The table's rows as (column, value) pairs, each row with the link to its posts ("" without)."""
    table, slug = drawn.table, drawn.question.mission.slug
    behind = table.behind or (None,) * len(table.rows)
    return [
        (list(zip(table.columns, row, strict=True)), links.explore_link(slug, posts) if posts else "")
        for row, posts in zip(table.rows, behind, strict=True)
    ]


@register.simple_tag
def chart_data(drawn: Drawn, part: str = "") -> SafeString:
    """The chart (or a part of it) for the script that draws it. In a template: fragments lose their scripts."""
    told = json.dumps((drawn.chart or {}).get(part) if part else drawn.chart, cls=DjangoJSONEncoder)
    return format_html('<template id="{}-{}">{}</template>', part or "chart", drawn.panel, told)


@register.simple_tag
def panel_link(drawn: Drawn, address: str, name: str = "") -> str:
    """An address of this panel (or of `name`) that asks the same question with the same settings."""
    settings = "" if name else urlencode([(key, str(value)) for key, value in drawn.settings.items()])
    asked = "&".join(part for part in (links.asked(drawn.question), settings) if part)
    return f"{reverse(address, args=[drawn.question.mission.slug, name or drawn.panel])}?{asked}"


@register.simple_tag
def metric_page(drawn: Drawn, name: str) -> str:
    return f"{reverse('metric', args=[drawn.question.mission.slug, name])}?{links.asked(drawn.question)}"


@register.simple_tag
def posts_link(drawn: Drawn, behind: Behind | None) -> str:
    return links.explore_link(drawn.question.mission.slug, behind) if behind else ""


@register.simple_tag
def posts_link_of(mission: Any, behind: Behind) -> str:
    return links.explore_link(mission.slug, behind)


@register.simple_tag
def version_link(figure: Figure | None, mission: Any, metric: Metric, version: int) -> str:
    asked = links.asked(figure.question) if figure and figure.question else ""
    parameters = "&".join(part for part in (asked, urlencode([("version", version)])) if part)
    return f"{reverse('metric', args=[mission.slug, metric.name])}?{parameters}"


def _title(figure: Figure) -> str:
    known = all_metrics().get(figure.metric)
    return str(known.title) if known else figure.metric

"""Components that every page uses. Built in: templates need no `load`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from watchfloor.lib.links import safe_link
from watchfloor.lib.lookalike import mixes_scripts
from watchfloor.lib.spans import short_span
from watchfloor.sources.reads import NetworkMark, network_marks

register = template.Library()

SENTIMENT_TONES = {"positive": "p", "neutral": "u", "negative": "n"}


@register.filter
def ago(moment: datetime | None, now: datetime | None = None) -> SafeString | str:
    """How long ago, exact with its zone on hover. None is "–"."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    span = (now or timezone.now()) - moment
    words = short_span(span) if span.days < 7 else formats.date_format(local, "j M Y")
    return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', moment.isoformat(), exact(moment), words)


@register.filter
def exact(moment: datetime | None) -> str:
    """ "Wed 18 Nov 2026, 13:54:07 CET"."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'D j M Y, H:i:s')} {local.tzname()}"


@register.filter
def number(value: float | None) -> str:
    """1,204; what is not known is "–", never 0."""
    return "–" if value is None else f"{value:,}"


@register.filter
def short_number(value: float | None) -> str:
    """12.4k, 1.2M; exact figures belong into a title."""
    if value is None:
        return "–"
    for least, size, letter in ((1_000_000, 1_000_000, "M"), (10_000, 1_000, "k")):
        if value >= least:
            return f"{value / size:.3g}{letter}"
    return f"{value:,}"


register.filter("safe_link", safe_link)


@register.filter
def initials(name: str | None) -> str:
    """One or two letters for the round mark of an author."""
    words = [word for word in re.split(r"[\s._@-]+", name or "") if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "–"


@register.filter
def looks_alike(handle: str | None) -> bool:
    """Whether a handle mixes scripts whose letters look alike, as impersonators do."""
    return mixes_scripts(handle or "")


@register.filter
def net_title(network: str) -> str:
    return _mark(network).title


@register.simple_tag
def net(network: str, named: bool = True) -> SafeString:
    """A network's mark: its outline says the kind, its letters say which."""
    mark = _mark(network)
    kind = "" if mark.shape == "microblog" else f"wf-net-{mark.shape}"
    name = mark.title if named else format_html('<span class="wf-sr">{}</span>', mark.title)
    return format_html('<span class="wf-net {}"><b aria-hidden="true">{}</b>{}</span>', kind, mark.letters, name)


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<i class="ti ti-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def tone(sentiment: str | None) -> SafeString:
    """A sentiment as shape and word; None is unknown."""
    if sentiment not in SENTIMENT_TONES:
        return format_html('<span class="wf-st wf-st-unknown is-calm">{}</span>', _("sentiment unknown"))
    return format_html('<span class="wf-tone {}">{}</span>', SENTIMENT_TONES[sentiment], sentiment_word(sentiment))


@register.filter
def sentiment_word(sentiment: str | None) -> str:
    words = {
        "positive": pgettext("sentiment", "positive"),
        "neutral": pgettext("sentiment", "neutral"),
        "negative": pgettext("sentiment", "negative"),
    }
    return words.get(sentiment or "", pgettext("sentiment", "unknown"))


@register.simple_tag
def spark(counts: list[int]) -> SafeString:
    """A line without axes, 72 × 20; says nothing to screen readers, the figure beside it does."""
    if len(counts) < 2:
        return SafeString("")
    top = max(counts) or 1
    step = 72 / (len(counts) - 1)
    points = [(round(i * step, 1), round(18 - 16 * n / top, 1)) for i, n in enumerate(counts)]
    path = format_html_join("", "{}{} {} ", (("M" if i == 0 else "L", x, y) for i, (x, y) in enumerate(points)))
    return format_html(
        '<svg class="wf-spark" viewBox="0 0 72 20" aria-hidden="true"><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="2.2"/></svg>',
        path,
        *points[-1],
    )


@register.simple_tag
def bar(part: int, of: int, kind: str = "is-own") -> SafeString:
    """A bar whose length is `part` of `of`. SVG, because inline styles are forbidden."""
    width = round(100 * part / of, 2) if of else 0
    return format_html(
        '<svg class="wf-barline {}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="10"/></svg>',
        kind,
        max(width, 0.8) if part else 0,
    )


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: object) -> str:
    """The page's own address with some parameters changed; None or "" takes one away. Paging starts anew."""
    parameters = context["request"].GET.copy()
    parameters.pop("before", None)
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    address: str = "?" + parameters.urlencode()
    return address


def _mark(network: str) -> NetworkMark:
    return network_marks().get(network) or NetworkMark(
        network[:40] or _("unknown"), (network[:2] or "?").title(), "page"
    )

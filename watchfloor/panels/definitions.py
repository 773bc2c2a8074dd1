"""The shapes of charts, made with Altair once a process. Which data fills them, and in which colours, comes later."""

from __future__ import annotations

from functools import cache
from typing import Any

from watchfloor.panels.labels import LINE, ROWS

TONES = ["positive", "neutral", "negative", "unknown"]  # the theme's `ordinal` range
PLACES = ["0", "1", "2", "3", "4", "5"]  # the theme's `category` range: ours, then competitors
Definition = dict[str, Any]


@cache
def lines_definition() -> Definition:
    """Lines over time with their ends labelled."""
    import altair as alt  # takes half a second to import, which the first chart pays

    x, y = alt.X("at:T", title=None), alt.Y("v:Q", title=None)
    place = alt.Color("c:N", scale=alt.Scale(domain=PLACES, range="category"), legend=None)
    label_y = alt.Y("lv:Q", title=None)
    layers = [
        _named(alt, "previous").mark_line(style="previous").encode(x=x, y=y, detail="k:N"),
        _named(alt, "other").mark_line(style="other").encode(x=x, y=y, detail="k:N", color=place),
        _named(alt, "own").mark_line(style="own").encode(x=x, y=y, detail="k:N"),
        _named(alt, "dots").mark_point(style="own-end").encode(x=x, y=y),
        _named(alt, "ends-own").mark_point(style="own-end").encode(x=x, y=y),
        _named(alt, "ends-previous").mark_text(style="previous-label").encode(x=x, y=label_y, text="label:N"),
        _named(alt, "ends-other").mark_text(style="own-label").encode(x=x, y=label_y, text="label:N", color=place),
        _named(alt, "ends-own").mark_text(style="own-label").encode(x=x, y=label_y, text="label:N"),
    ]
    return _over_time(alt, layers)


@cache
def stack_definition() -> Definition:
    """Bars over time, stacked by tone."""
    import altair as alt

    tone = alt.Color("s:N", scale=alt.Scale(domain=TONES, range="ordinal"), legend=None)
    bars = (
        _named(alt, "bars")
        .mark_rect()
        .encode(x=alt.X("at:T", title=None), x2="to:T", y=alt.Y("low:Q", title=None), y2="high:Q", color=tone)
    )
    return _over_time(alt, [bars])


@cache
def bars_definition() -> Definition:
    """Lying bars."""
    import altair as alt

    x = alt.X("v:Q", title=None, axis=None)
    y = alt.Y("n:N", title=None, axis=alt.Axis(labelLimit=150, domain=False, ticks=False))
    tone = alt.Color("kind:N", scale=alt.Scale(domain=TONES, range="ordinal"), legend=None)
    shared = {"x": x, "y": y, "href": "link:N", "tooltip": "tip:N"}
    layers = [
        _named(alt, "own").mark_bar(style="bar-own").encode(**shared),
        _named(alt, "quiet").mark_bar(style="bar-quiet").encode(**shared),
        _named(alt, "tones").mark_bar().encode(**shared, color=tone),
        _named(alt, "all").mark_text(align="left", dx=6).encode(x=x, y=y, text="says:N"),
    ]
    return _plain(alt.layer(*layers))


def _over_time(alt: Any, figures: list[Any]) -> Definition:
    """Gaps below the figures, goals and events over them, and what answers to the pointer on top."""
    x, y = alt.X("at:T", title=None), alt.Y("v:Q", title=None)
    below = [
        _named(alt, "gaps").mark_rect(style="gap").encode(x=x, x2="to:T"),
        _named(alt, "gap-words")
        .mark_text(style="gap-label")
        .encode(x=alt.X("mid:T", title=None), y=alt.value(alt.expr("height")), text="label:N"),
    ]
    above = [
        _named(alt, "goals").mark_rule(style="goal").encode(y=y),
        _named(alt, "goals").mark_text(style="goal-label").encode(x=x, y=y, text="label:N"),
        _named(alt, "marks").mark_rule(style="event").encode(x=x),
        _named(alt, "alarms").mark_rule(style="alarm").encode(x=x),
    ]
    for kind in ("event", "alarm"):
        for row in range(ROWS):
            for side in ("left", "right"):
                label = _named(alt, f"{kind}-{row}-{side}").mark_text(
                    style=f"{kind}-label", align=side, **({} if side == "left" else {"dx": -5})
                )
                above.append(label.encode(x=x, y=alt.value(row * LINE), text="label:N"))
    hover = (
        _named(alt, "hover")
        .mark_rect(style="hover")
        .encode(
            x=x,
            x2="to:T",
            tooltip="tip:N",
            fillOpacity=alt.condition(
                alt.selection_point(name="under", on="pointerover", clear="pointerout", empty=False, fields=["at"]),
                alt.value(0.06),
                alt.value(0),
            ),
        )
        .add_params(
            alt.selection_point(name="under", on="pointerover", clear="pointerout", empty=False, fields=["at"]),
            alt.selection_interval(name="brush", encodings=["x"]),
        )
    )
    return _plain(alt.layer(*below, *figures, *above, hover))


def _named(alt: Any, name: str) -> Any:
    return alt.Chart(alt.NamedData(name))


def _plain(chart: Any) -> Definition:
    specification: Definition = chart.to_dict()
    specification.pop("config", None)  # colours and type come from the theme
    return specification

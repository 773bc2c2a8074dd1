"""A panel as a picture, without a browser: SVG, or PNG for mail and places that take nothing else."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Literal

from watchfloor.panels.drawn import Drawn
from watchfloor.panels.labels import of_width
from watchfloor.panels.words import stretch_words

Theme = Literal["light", "dark", "wall", "wall_alarm"]
THEMES = Path(__file__).parent.parent / "web" / "static" / "web" / "charts.json"
VEGA_LITE = "6.4"
PAPER = {"light": "#fcfcfa", "dark": "#10181b", "wall": "#070b0d", "wall_alarm": "#a80f2a"}
FONT = "IBM Plex Sans Variable, IBM Plex Sans, Noto Sans, DejaVu Sans, sans-serif"
WIDTH = 760
LABELS_TAKE = 0.36  # of the width, at most, by the labels at lines' ends


def svg(drawn: Drawn, theme: Theme = "light", width: int = WIDTH, height: int | None = None) -> str:
    """The chart as SVG, at most `width` pixels wide. On a wall it stands below a title of its own and has none.
    Raises NoPicture for panels without a chart."""
    import vl_convert

    specification = picture_of(drawn, theme, width, height)
    return str(vl_convert.vegalite_to_svg(specification, vl_version=VEGA_LITE))


def png(drawn: Drawn, theme: Theme = "light", width: int = WIDTH, height: int | None = None, scale: float = 2) -> bytes:
    """The same as PNG, `scale` times as many pixels."""
    import vl_convert

    specification = picture_of(drawn, theme, width, height)
    return bytes(vl_convert.vegalite_to_png(specification, vl_version=VEGA_LITE, scale=scale))


class NoPicture(ValueError):
    """The panel has no chart: its table and its page say everything."""


def picture_of(drawn: Drawn, theme: Theme, width: int, height: int | None) -> dict[str, Any]:
    """The whole specification, with data and theme."""
    if drawn.chart is None:
        raise NoPicture(drawn.panel)
    chart, on_a_wall = drawn.chart, theme in ("wall", "wall_alarm")
    type_size = 2.05 if on_a_wall else 1.0  # the wall's type against the desk's
    spec: dict[str, Any] = deepcopy(chart["spec"])
    data = {**chart["data"]}
    for row in of_width(chart["events"], width / type_size):
        data.setdefault(row["place"], []).append(row)
    for layer in spec["layer"]:
        layer["encoding"].pop("href", None)  # a picture stands anywhere: its links would lead nowhere
        layer["encoding"].pop("tooltip", None)
        layer.pop("params", None)
        data.setdefault(layer["data"]["name"], [])
    spec["layer"] = [
        layer for layer in spec["layer"] if data[layer["data"]["name"]] and layer["data"]["name"] != "hover"
    ]
    spec["datasets"] = data
    spec["width"], spec["height"] = width, height or chart["height"] * (type_size if on_a_wall else 1)
    edge = 0 if on_a_wall else 14
    spec["padding"] = {"left": edge, "top": edge or 6, "right": edge + 12 * type_size, "bottom": edge}
    for layer in spec["layer"]:
        if layer["mark"].get("style") in ("own-label", "previous-label"):
            layer["mark"]["limit"] = width * LABELS_TAKE
    if not on_a_wall:
        spec["height"] += 60
        spec["title"] = {"text": drawn.title, "subtitle": stretch_words(drawn)}
    spec["config"] = {**_themes()[theme], "background": PAPER[theme]}
    if on_a_wall:
        spec["config"]["axis"] = {**spec["config"]["axis"], "labelSeparation": 24}
    return spec


@cache
def _themes() -> dict[str, Any]:
    themes: dict[str, Any] = json.loads(THEMES.read_text())
    return themes

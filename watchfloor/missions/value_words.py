"""A metric's value with its unit, as goals and sentences show it."""

from __future__ import annotations

from django.utils.formats import number_format

from watchfloor.metrics.registry import UnknownMetric, metric
from watchfloor.metrics.unit import Unit


def number_words(value: float | None, unit: Unit | None = None) -> str:
    """1,204; 23.4; +31 for points; "–" for what is not known."""
    if value is None:
        return "–"
    whole = abs(value) >= 100 or float(value).is_integer()
    said = number_format(value, 0 if whole else 1, use_l10n=True, force_grouping=True)
    if said in ("-0", "-0.0"):
        said = "0"
    return f"+{said}" if unit == Unit.POINTS and value > 0 else said.replace("-", "−")


def short_words(value: float | None) -> str:
    """For narrow columns: 948, 1.1k, 12.4k, 1.2M; "–" for what is not known."""
    if value is None or abs(value) < 1_000:
        return number_words(value)
    size, letter = (1_000_000, "M") if abs(value) >= 1_000_000 else (1_000, "k")
    said = number_format(value / size, 1 if abs(value) < 100 * size else 0, use_l10n=True)
    return f"{said}{letter}".replace("-", "−")


def unit_of(name: str) -> Unit | None:
    try:
        return metric(name).unit
    except UnknownMetric:
        return None


def value_words(name: str, value: float | None) -> str:
    """With its unit: "1,204 mentions", "15 %", "+20 of ±100"."""
    unit = unit_of(name)
    return f"{number_words(value, unit)} {unit.words(value)}" if unit else number_words(value)

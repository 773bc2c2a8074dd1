"""The registry as a page of the manual: `watchfloor manage metrics_doc`."""

from __future__ import annotations

from watchfloor.metrics.registry import Metric, all_metrics

HEAD = """# The metrics

Every number that Watchfloor shows is one of these, wherever it stands: on a page, a wall, in a report, in a file, as a
goal. A click on a number says its definition, formula, version, window, coverage and sample, and opens the posts behind
it. `/m/<mission>/metrics/<name>/` is its page.

What is not known is “–” with the reason, never 0. Windows are whole minutes, from their first minute up to and without
their last. Deleted and hidden mentions, and those set aside, are in no number. Numbers that need the posts themselves
are computed from the newest 50,000 of a window and say so where it holds more.

Formulas are kept: when one changes, it gets a new version, and old figures can be made again by theirs
(`?version=1`). Each says where it comes from.

This page is generated: `watchfloor manage metrics_doc > docs/metrics.md`.
"""


def metrics_page() -> str:
    """Markdown, the same for the same registry."""
    names = "\n".join(f"- [{metric.title}](#{metric.name})" for metric in all_metrics().values())
    return "\n".join([HEAD, names, "", *(_section(metric) for metric in all_metrics().values())])


def _section(metric: Metric) -> str:
    kinds = [
        ("one number", metric.figure),
        ("a number per stretch of time", metric.series),
        ("broken down into parts", metric.parts),
    ]
    given = ", ".join(words for words, way in kinds if way)
    lines = [
        f'<a id="{metric.name}"></a>',
        f"## {metric.title}",
        "",
        f"`{metric.name}` · {_unit(metric)} · {metric.better.words()} · {given}",
        "",
        str(metric.definition),
        "",
        "| version | since | formula | in words | from |",
        "|---|---|---|---|---|",
    ]
    for formula in reversed(metric.formulas):
        cells = (formula.version, formula.since.isoformat(), formula.expression, formula.says, formula.source)
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _unit(metric: Metric) -> str:
    return metric.unit.words()

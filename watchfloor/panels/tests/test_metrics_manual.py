from __future__ import annotations

from pathlib import Path

from watchfloor.metrics.registry import all_metrics
from watchfloor.metrics.written import metrics_page

MANUAL = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"


def test_the_manual_is_what_the_registry_says():
    assert MANUAL.read_text() == metrics_page(), "Run: watchfloor manage metrics_doc > docs/metrics.md"


def test_every_metric_explains_itself():
    for metric in all_metrics().values():
        assert metric.figure or metric.parts, metric.name
        assert str(metric.title), metric.name
        assert str(metric.definition).endswith("."), metric.name
        versions = [formula.version for formula in metric.formulas]
        assert versions == list(range(1, len(versions) + 1)), metric.name
        assert [f.since for f in metric.formulas] == sorted(f.since for f in metric.formulas), metric.name
        for formula in metric.formulas:
            assert formula.expression, metric.name
            assert formula.source, metric.name
            assert str(formula.says).endswith("."), metric.name

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.metrics.figure import Point
from watchfloor.metrics.question import Question, Window
from watchfloor.panels.charts import Bar, Beside, Line, Stretch, bar_chart, line_chart, stack_chart
from watchfloor.panels.drawn import Drawn
from watchfloor.panels.marks import GoalLine, Mark
from watchfloor.panels.picture import NoPicture, png, svg

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = Window(NOON, NOON + timedelta(hours=1))
LONG = "Ministerialbeigeordnete a. D. Dr. Dr. h. c. " * 9


def line(*values, **more):
    points = [Point(NOON + at * 10 * MINUTE, value) for at, value in enumerate(values)]
    return Line("Pivot", points, **more)


def drawn(chart, title="Volume"):
    return Drawn("volume", title, Question(None, HOUR, now=NOON), "line", chart=chart, at=NOON)


def domain(chart):
    layer = next(
        layer for layer in chart["spec"]["layer"] if "domain" in layer["encoding"].get("y", {}).get("scale", {})
    )
    return layer["encoding"]["y"]["scale"]["domain"]


def test_a_gap_is_drawn_as_a_gap():
    chart = line_chart([line(1, None, 3)], 10 * MINUTE, HOUR, Beside([Stretch(NOON, NOON + 10 * MINUTE)]), [])
    assert [row["v"] for row in chart["data"]["own"]] == [1, None, 3]
    assert chart["data"]["gaps"] == [{"at": "2026-11-18T12:00:00.000Z", "to": "2026-11-18T12:10:00.000Z"}]
    assert [row["label"] for row in chart["data"]["gap-words"]] == ["no data"]


def test_a_point_alone_is_a_dot():
    assert [row["v"] for row in line_chart([line(None, 7, None)], 10 * MINUTE, HOUR, Beside(), [])["data"]["dots"]] == [
        7
    ]
    assert line_chart([line(1, 7)], 10 * MINUTE, HOUR, Beside(), [])["data"]["dots"] == []


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [((1, 3), 0, 3), ((0, 0), 0, 10), ((-3, 40), -3, 40), ((10**12,), 0, 10**12), ((0.2,), 0, 1)],
)
def test_scales_begin_at_nought_and_hold_everything(values, low, high):
    chart = line_chart([line(*values)], 10 * MINUTE, HOUR, Beside(), ["x"] * 9)
    assert domain(chart)[0] <= low
    assert domain(chart)[1] >= high


def test_a_goal_is_inside_the_scale_and_named():
    chart = line_chart([line(1, 2)], 10 * MINUTE, HOUR, Beside(goals=[GoalLine(80, "80 authors")]), [])
    assert domain(chart)[1] >= 80
    assert [row["label"] for row in chart["data"]["goals"]] == ["80 authors"]


def test_bars_of_one_name_are_two_bars():
    chart = bar_chart([Bar(LONG, 2, "2"), Bar(LONG, 1, "1", "/m/x/")])
    names = [row["n"] for row in chart["data"]["all"]]
    assert len(set(names)) == 2
    assert all(len(name) <= 61 for name in names)
    assert [row.get("link") for row in chart["data"]["all"]] == [None, "/m/x/"]


def test_pictures_are_made_of_all_kinds_and_run_nothing():
    hostile = '"><script>alert(1)</script>'
    beside = Beside(
        [Stretch(NOON, NOON + 9 * MINUTE)],
        [Mark(NOON + 30 * MINUTE, hostile), Mark(NOON + 31 * MINUTE, "Crisis", is_alarm=True)],
        [GoalLine(5, hostile)],
    )
    charts = [
        line_chart([line(1, 2), line(3, 1, role="other", place=1)], 10 * MINUTE, HOUR, beside, ["x"] * 2),
        stack_chart([(NOON, {"negative": 2, "unknown": 1})], 10 * MINUTE, HOUR, beside, ["x"]),
        bar_chart([Bar(hostile, 2, "2", "javascript:alert(1)"), Bar("b", 1, "1", kind="positive")]),
    ]
    for chart in charts:
        for theme in ("light", "dark", "wall"):
            picture = svg(drawn(chart, hostile), theme, 400)
            assert picture.startswith("<svg")
            assert "<script" not in picture
            assert "javascript:" not in picture
    assert png(drawn(charts[0])).startswith(b"\x89PNG")


def test_a_panel_without_a_chart_has_no_picture():
    with pytest.raises(NoPicture):
        svg(drawn(None))

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.metrics.question import Window
from watchfloor.panels.charts import wall
from watchfloor.panels.labels import AXIS, LETTER, WIDTHS, events, of_width, spread
from watchfloor.panels.marks import Mark

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR = Window(NOON, NOON + timedelta(hours=1))
moments = st.integers(0, 3599).map(lambda second: NOON + timedelta(seconds=second))
marks = st.lists(st.builds(Mark, moments, st.text(max_size=60), st.booleans()), max_size=12)


@given(st.lists(st.floats(0, 100), max_size=8))
def test_labels_at_line_ends_stand_apart_and_inside_where_they_fit(wanted):
    placed = spread(wanted, 10, 0, 100)
    order = sorted(range(len(wanted)), key=lambda at: (wanted[at], at))
    together = [placed[at] for at in order]
    assert all(after - before >= 10 - 1e-9 for before, after in pairwise(together))
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in placed)


def test_a_label_with_room_stays_where_its_line_ends():
    assert spread([20, 50, 80], 10, 0, 100) == [20, 50, 80]


@given(marks)
def test_labels_of_events_cover_nothing_at_any_width(found):
    for width, rows in events(found, HOUR, lambda at: at.isoformat()).items():
        plot = int(width) - AXIS
        taken: dict[str, list[tuple[float, float]]] = {}
        for row in rows:
            _kind, line, side = row["place"].split("-")
            x = (datetime.fromisoformat(row["at"]) - NOON) / HOUR.length * plot
            long = len(row["label"]) * LETTER
            start, end = (x, x + long) if side == "left" else (x - long, x)
            assert start >= 0
            assert end <= plot
            assert all(end <= a or start >= b for a, b in taken.get(line, []))
            taken.setdefault(line, []).append((start, end))


def test_an_alarm_is_labelled_before_anything_else():
    crowd = [Mark(NOON + timedelta(minutes=30, seconds=at), f"Topic {at} changed") for at in range(10)]
    labels = of_width(events([*crowd, Mark(NOON + timedelta(minutes=30), "Crisis", is_alarm=True)], HOUR, wall), 240)
    assert "Crisis" in [row["label"] for row in labels]


def test_a_chart_takes_the_places_of_the_widest_that_fits():
    places = events([Mark(NOON, "Keynote")], HOUR, wall)
    assert of_width(places, 10_000) == places[str(WIDTHS[-1])]
    assert of_width(places, 100) == []

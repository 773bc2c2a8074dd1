"""What /metrics tells (Prometheus). Each process writes its counts to files in DATA/metrics, /metrics adds them up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings

# Must stand before the import: the client decides at import whether counts are shared between processes.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.DATA / "metrics"))
(settings.DATA / "metrics").mkdir(mode=0o700, exist_ok=True)

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess  # noqa: E402
from prometheus_client.core import GaugeMetricFamily, Metric  # noqa: E402
from prometheus_client.registry import Collector  # noqa: E402

if TYPE_CHECKING:
    from watchfloor.pipeline.line import Taken
    from watchfloor.sources.models import Connection
    from watchfloor.sources.source import Batch

RECEIVED = Counter("watchfloor_posts_received", "Posts that came from sources", ["source"])
STORED = Counter("watchfloor_mentions_stored", "Posts stored because a topic looks for them", ["source"])
DUPLICATES = Counter("watchfloor_posts_duplicate", "Posts that came again and were stored already", ["source"])
DELETED = Counter("watchfloor_posts_deleted", "Stored posts that their network took down", ["source"])
DROPPED = Counter("watchfloor_posts_dropped", "Posts that left the line, by reason", ["reason"])
STEP_SECONDS = Counter("watchfloor_step_seconds", "Time spent in a step of the pipeline", ["step"])
STEP_POSTS = Counter("watchfloor_step_posts", "Posts that a step of the pipeline was given", ["step"])
BATCH_SECONDS = Histogram(
    "watchfloor_batch_seconds",
    "From taking a batch to its durable commit",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def count(taken: Taken, batch: Batch, connection: Connection | None, seconds: float) -> None:
    source = connection.source if connection is not None else "none"
    for counter, n in (
        (RECEIVED, taken.received),
        (STORED, taken.stored),
        (DUPLICATES, taken.duplicates),
        (DELETED, taken.deleted),
    ):
        if n:
            counter.labels(source).inc(n)
    for reason, n in taken.dropped.items():
        DROPPED.labels(str(reason)).inc(n)
    if batch.events:
        BATCH_SECONDS.observe(seconds)


def step_took(step: str, posts: int, seconds: float) -> None:
    if posts:
        STEP_SECONDS.labels(step).inc(seconds)
        STEP_POSTS.labels(step).inc(posts)


class Connections(Collector):
    """How the connections do, read when asked."""

    def collect(self) -> Iterator[Metric]:
        from django.utils import timezone

        from watchfloor.sources.models import Connection

        now = timezone.now()
        lag = GaugeMetricFamily(
            "watchfloor_connection_lag_seconds",
            "How far behind its network a connection is",
            labels=["connection", "source"],
        )
        quiet = GaugeMetricFamily(
            "watchfloor_connection_silent_seconds", "Since the last post", labels=["connection", "source"]
        )
        up = GaugeMetricFamily(
            "watchfloor_connection_up", "1 while it is live and within its rhythm", labels=["connection", "source"]
        )
        for connection in Connection.objects.filter(is_on=True):
            labels = [str(connection.pk), connection.source]
            if connection.lag_seconds is not None:
                lag.add_metric(labels, connection.lag_seconds)
            if connection.last_post_at is not None:
                quiet.add_metric(labels, (now - connection.last_post_at).total_seconds())
            up.add_metric(labels, float(connection.state == Connection.State.LIVE and not connection.is_silent(now)))
        yield from (lag, quiet, up)


def exposition() -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Connections())
    return generate_latest(registry)

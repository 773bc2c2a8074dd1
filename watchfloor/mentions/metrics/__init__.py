"""What mentions add to the registry of metrics."""

from watchfloor.mentions.metrics import counts

METRICS = (*counts.METRICS,)

"""What mentions add to the registry of metrics."""

from watchfloor.mentions.metrics import counts, engagement, people, rising, shares, tone, trust, words

METRICS = (
    *counts.METRICS,
    *people.METRICS,
    *tone.METRICS,
    *shares.METRICS,
    *words.METRICS,
    *rising.METRICS,
    *engagement.METRICS,
    *trust.METRICS,
)

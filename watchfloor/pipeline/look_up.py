"""One look-up of authors on a network, in a thread of its own that touches no database."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from watchfloor.mentions.unnamed import Unnamed
from watchfloor.sources.source import AsksNobody, AuthorRenamed, Source, SourceError, TryAgain

log = logging.getLogger(__name__)

LONGEST_SECONDS = 60


@dataclass(frozen=True)
class Way:
    """A connection by which a network can be asked."""

    source: Source
    settings: Any
    secrets: dict[str, str]


class LookUp(threading.Thread):
    """Asks by each way in turn for those who were not told yet. When it has ended, `told` is what was told of
    `authors`, and `failed` why nothing could be asked, or a limit that was met."""

    def __init__(self, network: str, authors: Sequence[Unnamed], ways: Sequence[Way]) -> None:
        super().__init__(name=f"look up {network}", daemon=True)  # whoever ends the process does not wait for it
        self.network, self.authors, self.ways = network, authors, ways
        self.told: list[AuthorRenamed] = []
        self.failed: SourceError | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._ask())
        except Exception:
            # The outermost loop of a look-up: a source that breaks in an unforeseen way is asked again later.
            log.exception("A look-up of authors failed unexpectedly", extra={"network": self.network})
            self.failed = TryAgain("Looking up authors failed", self.network, "It is tried again.")

    async def _ask(self) -> None:
        missing = [author.native_id for author in self.authors]
        failures: list[SourceError] = []
        for way in self.ways:
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    told = await way.source.look_up_authors(missing, way.settings, secrets=way.secrets)
            except SourceError as error:
                failures.append(error)
                continue
            except TimeoutError:
                failures.append(TryAgain("Looking up authors took too long", self.network, "It is tried again."))
                continue
            self.told += [one for one in told if one.network == self.network and one.author_id in missing]
            known = {one.author_id for one in self.told}
            missing = [native_id for native_id in missing if native_id not in known]
            if not missing:
                break
        self.failed = _what_counts(failures, has_answer=len(failures) < len(self.ways))


def _what_counts(failures: Sequence[SourceError], *, has_answer: bool) -> SourceError | None:
    """A limit counts in any case; other trouble only where nobody answered, and being switched off least."""
    limits = [error for error in failures if isinstance(error, TryAgain) and error.after is not None]
    if limits or has_answer:
        return max(limits, key=lambda error: error.after or timedelta(), default=None)
    return min(failures, key=lambda error: isinstance(error, AsksNobody), default=None)

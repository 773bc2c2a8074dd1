"""Requests to one server, planned so that its limits are never run into.

Mastodon allows an address (or a token) 300 requests in 5 minutes, and 300 of those that page through timelines in 15
(config/initializers/rack_attack.rb). Both are counted in windows that begin by the clock, so a burst and what follows
it must fit into one: 90 at once and then one every 5 seconds makes 270 in 15 minutes, and leaves some to people.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

BURST = 90.0
SECONDS_EACH = 5.0
RESERVE = 20  # requests in a window that are left to replies, tests and other programs behind the same address
LONGEST_WAIT_SECONDS = 3_600.0
WAIT_UNSAID_SECONDS = 60.0  # after a 429 that names no time
MOST_BUDGETS = 1_000


class Budget:
    """One for each server and token, shared by all that this process asks of it."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._left, self._left_at = BURST, clock()
        self._closed_until = float("-inf")

    async def turn(self) -> None:
        """Wait until a request may be sent. Whoever comes first goes first."""
        self._refill()
        self._left -= 1
        ready_at = self._clock() + max(0.0, -self._left * SECONDS_EACH)
        try:
            while (wait := max(ready_at, self._closed_until) - self._clock()) > 0:
                await self._sleep(wait)
        except BaseException:
            self._left += 1
            raise

    def heard(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Take note of what an answer says about the limits. After a 429: how many seconds to wait, else None."""
        resets = seconds_until_reset(headers)
        if status == 429:
            wait = min(resets if resets is not None else WAIT_UNSAID_SECONDS, LONGEST_WAIT_SECONDS)
            self._closed_until = max(self._closed_until, self._clock() + wait)
            return wait
        remaining = headers.get("x-ratelimit-remaining", "")
        if remaining.isascii() and remaining.isdigit() and len(remaining) < 10:
            self._refill()
            self._left = min(self._left, float(int(remaining) - RESERVE))
            if int(remaining) <= RESERVE and resets is not None:
                self._closed_until = max(self._closed_until, self._clock() + min(resets, LONGEST_WAIT_SECONDS))
                self._left = 0.0
        return None

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._left_at) / SECONDS_EACH)
        self._left_at = now


def seconds_until_reset(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` (seconds or a date) or `X-RateLimit-Reset` (an ISO date), by the server's own clock where it tells
    it. None if neither makes sense."""
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    after = headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit() and len(after) < 8:
        return float(after)
    until = _date(after) or _iso(headers.get("x-ratelimit-reset", ""))
    # Our clock and theirs count whole seconds: one more than said is never too early.
    return None if until is None else max(0.0, (until - now).total_seconds()) + 1.0


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.strip())
        return at if at.tzinfo is not None else None
    except ValueError:
        return None


_budgets: dict[tuple[str, str], Budget] = {}


def budget_of(address: str, token: str) -> Budget:
    """`token` "" is everybody behind this machine's address."""
    if len(_budgets) >= MOST_BUDGETS:
        _budgets.clear()
    return _budgets.setdefault((address, token), Budget())

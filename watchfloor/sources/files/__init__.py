"""Posts from files, as a source like any other: it ends when the file does.

`watchfloor import` makes the connections and reads them itself. `listen` reads the same way, for who runs one as a
connection; it reads no file but the one whose content the connection was made for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from watchfloor.sources.files.formats import NeedsMap
from watchfloor.sources.files.opening import CannotOpen
from watchfloor.sources.files.reading import FileSettings, fingerprint, place_of, read_file
from watchfloor.sources.read_only import ReadOnly
from watchfloor.sources.source import (
    Batch,
    Checked,
    Cost,
    Event,
    Facts,
    NeedsHands,
)


class Files(ReadOnly):
    name = "file"
    facts = Facts(
        title="File",
        networks=(),
        terms="What you may do with a file's posts depends on where they come from.",
        limits="Reads a file once, to its end; a changed file is imported as a new one.",
        cannot_tell=(),
        rhythm=timedelta(days=36_500),  # a file that has been read says nothing more, and that is no silence
        follows_edits=True,
        listens=False,
        letters="F",
        shape="page",
    )
    settings_type = FileSettings

    no_reply = ("Nothing was sent: a file can't be answered", "Answer on the network that the post came from.")

    async def listen(
        self, settings: FileSettings, *, cursor: str | None, secrets: Mapping[str, str]
    ) -> AsyncIterator[Batch]:
        await asyncio.to_thread(_must_be_the_same, settings)
        place = place_of(cursor)
        if place.done:
            return
        pieces = read_file(settings, after=place.records)
        try:
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece.batch
        except (CannotOpen, NeedsMap) as error:
            raise _refused(settings, error) from None

    def parse(self, raw: bytes) -> list[Event]:
        """One line of our own format. What stands in a file of another one is read by that format's reader."""
        from watchfloor.sources.files.formats import read_post_line

        return read_post_line(raw)

    def rewind(self, cursor: str | None, *, by: timedelta) -> str | None:
        return cursor  # a file has one clock: its own

    async def check(self, settings: FileSettings, *, secrets: Mapping[str, str]) -> Checked:
        await asyncio.to_thread(_must_be_the_same, settings)
        return Checked("The file is there and has not changed.", {"format": settings.format})

    def cost(self, settings: FileSettings) -> Cost:
        return Cost(requests_per_hour=0, money_per_1000_posts=0, note="Files cost nothing to read.")


def _must_be_the_same(settings: FileSettings) -> None:
    """Raises NeedsHands. A connection made by hand can't name just any file of this machine: it would have to know
    what is in it."""
    try:
        same = settings.path != "-" and fingerprint(settings.path) == settings.fingerprint
    except CannotOpen as error:
        raise _refused(settings, error) from None
    if not same:
        raise NeedsHands(
            "Tried to read a file",
            settings.path,
            "It is not the file that was imported. Import it with `watchfloor import`.",
        )


def _refused(settings: FileSettings, error: Exception) -> NeedsHands:
    return NeedsHands("Tried to read a file", settings.path, f"{error} Import it again with `watchfloor import`.")


SOURCE = Files()

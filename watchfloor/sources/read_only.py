"""What sources share that can't write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from watchfloor.sources.source import AuthorRenamed, CannotReply, Reply, Sent


class ReadOnly:
    """A source that only reads, and tells what it knows of an author with each post.

        class Files(ReadOnly):
            no_reply = ("Nothing was sent: a file can't be answered", "Answer on the network that the post came from.")

    `no_reply`: why nothing was sent, and what to do instead.
    """

    no_reply: ClassVar[tuple[str, str]]

    async def reply(self, reply: Reply, settings: Any, *, secrets: Mapping[str, str]) -> Sent:
        why, instead = self.no_reply
        raise CannotReply(why, reply.to, instead)

    async def find_reply(self, reply: Reply, settings: Any, *, secrets: Mapping[str, str]) -> Sent | None:
        return None

    async def look_up_authors(
        self, ids: Sequence[str], settings: Any, *, secrets: Mapping[str, str]
    ) -> list[AuthorRenamed]:
        return []

"""Clock work of walls: pictures of posts that have gone leave the disk."""

from __future__ import annotations

from watchfloor.lib.pictures import forget, kept, tidy
from watchfloor.live.models import Announcement
from watchfloor.mentions import reads
from watchfloor.mentions.pictures import folder
from watchfloor.team.models import Mission

TURNS_A_TIDYING = 60


class ForgetPictures:
    """Hears what was deleted or hidden. At its first turn, which may follow a stop, it looks at every file."""

    def __init__(self) -> None:
        self._heard: int | None = None
        self._turn = 0

    def forget_pictures(self) -> bool:
        newest = Announcement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if self._heard is None:
            self._look_at_all()
        else:
            told = Announcement.objects.filter(pk__gt=self._heard, pk__lte=newest, channel__startswith="mission:")
            for payload in told.values_list("payload", flat=True):
                for change in (payload.get("topics") or {}).values():
                    for post_id in change.get("gone") or ():
                        forget(folder(), int(post_id))
        self._heard = newest
        self._turn += 1
        if self._turn % TURNS_A_TIDYING == 1:
            tidy(folder())
        return False

    def _look_at_all(self) -> None:
        for file, parts in kept(folder()):
            mission = Mission.objects.filter(pk=int(parts[0])).first() if parts[0].isdecimal() else None
            if mission is None or reads.post(mission, int(parts[1])) is None:
                file.unlink(missing_ok=True)


forget_pictures = ForgetPictures().forget_pictures

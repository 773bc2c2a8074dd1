from datetime import timedelta

from django.apps import AppConfig


class Wall(AppConfig):
    name = "watchfloor.wall"
    verbose_name = "Wall"

    def ready(self) -> None:
        from watchfloor.pipeline.duty import bring

        bring("forget_pictures", _forget_pictures, every=timedelta(seconds=2))


def _forget_pictures() -> bool:
    from watchfloor.wall.loops import forget_pictures

    return forget_pictures()

from datetime import timedelta

from django.apps import AppConfig


class Missions(AppConfig):
    name = "watchfloor.missions"
    verbose_name = "Missions"

    def ready(self) -> None:
        from watchfloor.pipeline.duty import bring

        bring("measure_goals", _measure_goals, every=timedelta(minutes=1))


def _measure_goals() -> bool:
    from watchfloor.missions.loops import measure_goals

    return measure_goals()

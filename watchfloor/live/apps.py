from django.apps import AppConfig


class Live(AppConfig):
    name = "watchfloor.live"
    verbose_name = "Live"

    def ready(self) -> None:
        from watchfloor.live.announce import RIGHTS, publish
        from watchfloor.team.people import when_rights_change

        when_rights_change.append(lambda: publish(RIGHTS, {}))

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class Mentions(AppConfig):
    name = "watchfloor.mentions"
    verbose_name = "Mentions"

    def ready(self) -> None:
        from watchfloor.mentions import arrivals, rules
        from watchfloor.mentions.store.engine import prepare

        connection_created.connect(prepare)
        arrivals.register(rules.DESK, rules.rules_wait_for_posts)

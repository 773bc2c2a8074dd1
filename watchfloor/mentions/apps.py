from django.apps import AppConfig


class Mentions(AppConfig):
    name = "watchfloor.mentions"
    verbose_name = "Mentions"

    def ready(self) -> None:
        from watchfloor.mentions import arrivals, rules

        arrivals.register(rules.DESK, rules.rules_wait_for_posts)

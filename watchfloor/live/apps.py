from django.apps import AppConfig


class Live(AppConfig):
    name = "watchfloor.live"
    verbose_name = "Live"

from django.apps import AppConfig


class Sources(AppConfig):
    name = "watchfloor.sources"
    verbose_name = "Sources"

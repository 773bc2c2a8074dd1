from django.apps import AppConfig


class Mentions(AppConfig):
    name = "watchfloor.mentions"
    verbose_name = "Mentions"

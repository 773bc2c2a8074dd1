from django.apps import AppConfig


class Listening(AppConfig):
    name = "watchfloor.listening"
    verbose_name = "Listening"

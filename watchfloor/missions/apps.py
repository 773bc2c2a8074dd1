from django.apps import AppConfig


class Missions(AppConfig):
    name = "watchfloor.missions"
    verbose_name = "Missions"

from django.apps import AppConfig


class Team(AppConfig):
    name = "watchfloor.team"
    verbose_name = "Team"

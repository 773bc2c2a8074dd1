from django.apps import AppConfig


class Wall(AppConfig):
    name = "watchfloor.wall"
    verbose_name = "Wall"

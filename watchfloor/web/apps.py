from django.apps import AppConfig


class Web(AppConfig):
    name = "watchfloor.web"
    verbose_name = "Web"

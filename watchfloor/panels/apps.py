from django.apps import AppConfig


class Panels(AppConfig):
    name = "watchfloor.panels"
    verbose_name = "Panels"

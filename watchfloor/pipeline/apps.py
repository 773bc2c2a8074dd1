from django.apps import AppConfig


class Pipeline(AppConfig):
    name = "watchfloor.pipeline"
    verbose_name = "Pipeline"

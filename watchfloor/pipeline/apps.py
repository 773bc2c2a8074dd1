from django.apps import AppConfig


class Pipeline(AppConfig):
    name = "watchfloor.pipeline"
    verbose_name = "Pipeline"

    def ready(self) -> None:
        from watchfloor.pipeline.stored_period import posts_of_period
        from watchfloor.sources.replay import SOURCE

        SOURCE.providers["stored"] = posts_of_period

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from watchfloor.metrics.written import metrics_page


class Command(BaseCommand):
    help = "Writes docs/metrics.md from the registry of metrics."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(metrics_page(), ending="")

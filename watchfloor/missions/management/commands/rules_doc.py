"""`watchfloor manage rules_doc > docs/rules.md`"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from watchfloor.missions.rules_page import rules_page


class Command(BaseCommand):
    help = "Writes docs/rules.md from the rules of the home page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(rules_page(), ending="")

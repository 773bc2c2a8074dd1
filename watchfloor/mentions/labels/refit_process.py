"""The process that a refit runs in: `python -m watchfloor.mentions.labels.refit_process`, started by the desk."""

from __future__ import annotations

import os


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings")
    django.setup()
    from watchfloor.mentions.labels.refit import refit

    os.nice(15)
    refit()


if __name__ == "__main__":
    main()

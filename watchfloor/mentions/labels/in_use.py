"""Which model is in use: kept in the database, followed by every process."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings

from watchfloor.mentions.labels.model import UnusableModel, load_model
from watchfloor.mentions.labels.sentiment import model_in_use, shipped_model, use_model
from watchfloor.mentions.marking import Refit

log = logging.getLogger(__name__)


def models_folder() -> Path:
    return Path(settings.DATA) / "models"


def follow_the_model() -> str:
    """Judge with the model that the database says is in use. Returns its "name/version". One small query; the file is
    opened only when it changed. A file that is gone or damaged is said in the log, and the shipped model judges."""
    row = Refit.objects.filter(is_in_use=True).values_list("version", "file").first()
    if row is None:
        if model_in_use() is not shipped_model():
            use_model(None)
    elif row[0] != model_in_use().by:
        try:
            use_model(load_model(models_folder() / row[1]))
        except (UnusableModel, OSError):
            log.exception("The learnt model can't be used; the shipped one judges", extra={"file": row[1]})
            use_model(None)
    return model_in_use().by

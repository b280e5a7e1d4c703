"""An error that nobody foresaw, in the log: what it was and where, and no text of it, for that may hold a body."""

import logging
import traceback
from pathlib import Path

log = logging.getLogger(__name__)

FRAMES = 6


def log_unforeseen(what: str, error: Exception) -> None:
    """One line."""
    places = [f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
    log.error("%s: %s at %s", what, type(error).__name__, " > ".join(places[-FRAMES:]))

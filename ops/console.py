"""Where the verbs write: what was asked for to stdout, how it goes to stderr."""

import sys

from rich.console import Console

PIPED_WIDTH = 140
"""Columns where nobody's terminal says: in a file, in a CI log."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
progress = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPED_WIDTH)

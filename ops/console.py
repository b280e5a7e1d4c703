"""Where the verbs write: what was asked for to stdout, how it goes to stderr."""

from rich.console import Console

out = Console(highlight=False)
progress = Console(stderr=True, highlight=False)

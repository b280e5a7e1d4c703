"""`python -m ops`, behind `./farm`."""

import sys

from rich.console import Console

from ops.cli import application
from ops.errors import FarmError


def main() -> None:
    try:
        application(sys.argv[1:])(prog_name="./farm")
    except FarmError as error:
        Console(stderr=True).print(f"[bold red]farm:[/] {_plain(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(1)


def _plain(text: str) -> str:
    """Square brackets in logs and messages are no markup."""
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()

"""`python -m ops`, behind `./farm`."""

import sys

from rich.console import Console

from ops.cli import application
from ops.errors import FarmError
from ops.leaving import leave


def main() -> int:
    """The exit code of the verb that was asked for."""
    try:
        application(sys.argv[1:])(prog_name="./farm")
    except FarmError as error:
        Console(stderr=True).print(f"[bold red]farm:[/] {_plain(str(error))}", soft_wrap=True, highlight=False)
        return 1
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _plain(text: str) -> str:
    """Square brackets in logs and messages are no markup."""
    return text.replace("[", r"\[")


if __name__ == "__main__":
    leave(main())

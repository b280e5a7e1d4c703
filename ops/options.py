"""Options that several verbs share."""

import getpass
from typing import Annotated

import typer

PortOffset = Annotated[
    int, typer.Option("--port-offset", envvar="FARM_PORT_OFFSET", help="Move all ports by so much.", metavar="N")
]
AnyInstance = Annotated[
    str,
    typer.Option("--instance", envvar="FARM_INSTANCE", help="Which stack; default: the one that runs, or ran last."),
]
ModelServer = Annotated[
    str,
    typer.Option(
        "--model-server", help="Serve all roles from this model server instead of the stand-in.", metavar="URL"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else there.")]
By = Annotated[str, typer.Option("--by", help="Who does it; default: your user name here.")]


def who(by: str) -> str:
    """The name given with `--by`, or the user's here."""
    return by or getpass.getuser()

"""`python -m ecs <farm.json> <folder>`: write two files per pool, `agent-<name>.task.json` and `.service.json`."""

import json
import sys
from pathlib import Path

from pydantic import ValidationError

from ecs.pools import Farm, family
from ecs.render import Json, service, task_definition


def main(source: Path, folder: Path) -> None:
    farm = Farm.model_validate_json(source.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    for agent in farm.agents:
        _write(folder / f"{family(farm, agent)}.task.json", task_definition(farm, agent))
        _write(folder / f"{family(farm, agent)}.service.json", service(farm, agent))


def _write(path: Path, content: Json) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004  a program and its two arguments
        sys.exit("usage: python -m ecs <farm.json> <folder>")
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except (OSError, ValidationError) as error:
        sys.exit(f"{sys.argv[1]}: {error}")

"""The gateway's own files in an otherwise empty folder, as the chart mounts them."""

import shutil
from pathlib import Path

from tests.integration.processes import ROOT


def mounted(folder: Path) -> dict[str, str]:
    """The environment in which the gateway runs from there."""
    mount = folder / "farm" / "gateway"
    for file in (ROOT / "gateway").rglob("*.*"):
        if file.suffix in {".py", ".yaml", ".toml"}:
            place = mount / file.relative_to(ROOT / "gateway")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    return {"PYTHONPATH": str(mount.parent), "PYTHONSAFEPATH": "1", "FARM_MODELS": "default"}

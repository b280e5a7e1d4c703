"""The schema of a tool as a run has it pinned: what its arguments must be, for whoever edits them."""

import json
from typing import Any

from store.blobs import Blobs
from store.database import Database
from store.errors import BlobMissing
from store.kits import Kits


class ToolSchemas:
    """Reads them from runs' kits."""

    def __init__(self, db: Database) -> None:
        self._kits = Kits(db)
        self._blobs = Blobs(db)

    async def of(self, run: str, tool: str) -> dict[str, Any] | None:
        """The input schema of a tool by the name that the model has for it.

        None where the run has no such tool (the farm's own questions, for more budget say), or its kit is no longer
        stored.
        """
        recorded = await self._kits.of_run(run)
        if recorded is None or not recorded.kit.toolset:
            return None
        try:
            definitions = json.loads(await self._blobs.get(recorded.kit.toolset))
        except BlobMissing:
            return None
        schemas: dict[str, dict[str, Any]] = {each["name"]: each["input_schema"] for each in definitions}
        return schemas.get(tool)

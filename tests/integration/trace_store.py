"""Phoenix as it runs: in its own environment, on a database of the test's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from telemetry.setup import PROJECT
from tests.integration.processes import environment_python, free_port, started

_COST = """query ($trace: String!) { getTraceByOtelId(traceId: $trace) { costSummary { total { cost } } } }"""


@dataclass(frozen=True)
class TraceStore:
    url: str

    def spans(self) -> list[dict[str, Any]]:
        """All spans stored so far, attributes flat."""
        answer = httpx.get(f"{self.url}/v1/projects/{PROJECT}/spans", params={"limit": 1000})
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        return list(answer.raise_for_status().json()["data"])

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        return [span for span in self.spans() if span["context"]["trace_id"] == trace_id]

    def cost(self, trace_id: str) -> float:
        """US dollars of a trace, by the store's own prices."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": _COST, "variables": {"trace": trace_id}})
        return float(answer.json()["data"]["getTraceByOtelId"]["costSummary"]["total"]["cost"] or 0)


@contextmanager
def trace_store(home: Path) -> Iterator[TraceStore]:
    """The process, ready."""
    python = environment_python("phoenix")
    port = free_port()
    env = {
        "PHOENIX_WORKING_DIR": str(home),
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(port),
        "PHOENIX_GRPC_PORT": str(free_port()),
        "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
        "PHOENIX_ENABLE_MCP_SERVER": "false",
    }
    url = f"http://127.0.0.1:{port}"
    argv = [python, "-m", "phoenix.server.main", "serve"]
    with started(argv, env, ready=f"{url}/readyz", log=home / "phoenix.log", within=180):
        yield TraceStore(url)

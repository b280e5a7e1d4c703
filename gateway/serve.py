"""`envs/gateway/.venv/bin/python -m gateway.serve`: the LiteLLM proxy with our roles, on FARM_PORT (4000).

Runs in the proxy's own environment. Ready when GET /health/liveliness answers 200, a few seconds of imports later.
"""

import os
import sqlite3
import sys
from pathlib import Path

import uvicorn

from gateway.fronting import at_once, kept
from gateway.model_server import KEY, model_server
from gateway.secret_files import from_files

HERE = Path(__file__).parent
SECRETS = ("LITELLM_MASTER_KEY", "FARM_GATEWAY_KEYS", "ANTHROPIC_API_KEY", "OPENAI_API_KEY", KEY)
"""Each may be given by a file: `<NAME>_FILE`."""


def main() -> None:
    """Serve until SIGTERM, in one process: more of them are more of these. Calls under way get FARM_DRAIN_S seconds."""
    # LiteLLM reads its settings from the environment while it is imported
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # prices from the package, not from the web
    os.environ.setdefault("LITELLM_LOG", "WARNING")
    try:
        os.environ.update(from_files(SECRETS, os.environ))
        kept(os.environ).close()
        at_once(os.environ)
    except (ValueError, OSError, sqlite3.Error) as error:
        sys.exit(f"gateway: wrong environment\n{error}")
    os.environ.update(model_server(os.environ))
    os.environ["CONFIG_FILE_PATH"] = os.environ.get("FARM_GATEWAY_CONFIG") or str(HERE / "config.yaml")
    uvicorn.run(
        "gateway.proxy:build_app",
        factory=True,
        host=os.environ.get("FARM_HOST", "127.0.0.1"),
        port=int(os.environ.get("FARM_PORT", "4000")),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=int(os.environ.get("FARM_DRAIN_S", "3")),
    )


if __name__ == "__main__":
    main()

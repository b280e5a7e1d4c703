"""`envs/gateway/.venv/bin/python -m gateway.serve`: the LiteLLM proxy with our roles, on FARM_PORT (4000).

Runs in the proxy's own environment. Ready when GET /health/liveliness answers 200, a few seconds of imports later.
"""

import json
import os
import sqlite3
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

from gateway.accounts.book import BookAway
from gateway.accounts.desk import open_desk
from gateway.accounts.keys import enter_given
from gateway.accounts.spend import forget
from gateway.door.settings import at_once, kept
from gateway.models.configuration import written
from gateway.models.model_server import KEY, model_server
from gateway.proxy.secret_files import from_files

VENDORS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", KEY)
SECRETS = ("LITELLM_MASTER_KEY", "FARM_GATEWAY_KEYS", "FARM_GATEWAY_STORE_URL", *VENDORS)
"""Each may be given by a file: `<NAME>_FILE`."""


def main() -> None:
    """Serve until SIGTERM, in one process: more of them are more of these. Calls under way get FARM_DRAIN_S seconds."""
    # LiteLLM reads its settings from the environment while it is imported
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # prices from the package, not from the web
    os.environ.setdefault("LITELLM_LOG", "WARNING")
    with ExitStack() as opened:
        try:
            os.environ.update(from_files(SECRETS, os.environ))
            os.environ.update(model_server(os.environ))
            made = Path(opened.enter_context(TemporaryDirectory(prefix="farm-gateway-"))) / "config.yaml"
            os.environ["CONFIG_FILE_PATH"] = _configuration(made)
            _open_the_book()
            kept(os.environ).close()
            at_once(os.environ)
        except (ValueError, LookupError, OSError, sqlite3.Error) as error:
            sys.exit(f"gateway: wrong environment\n{error}")
        except BookAway as away:
            sys.exit(f"gateway: {away}")
        uvicorn.run(
            "gateway.proxy.app:build_app",
            factory=True,
            host=os.environ.get("FARM_HOST", "127.0.0.1"),
            port=int(os.environ.get("FARM_PORT", "4000")),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=int(os.environ.get("FARM_DRAIN_S", "3")),
        )


def _configuration(made: Path) -> str:
    """The path of LiteLLM's configuration: somebody's own, or the one made of models.toml."""
    if theirs := os.environ.get("FARM_GATEWAY_CONFIG"):
        return theirs
    made.write_text(written(os.environ))
    return str(made)


def _open_the_book() -> None:
    """With FARM_GATEWAY_STORE_URL, and the keys of FARM_GATEWAY_KEYS in it. ValueError says what is wrong with them."""
    try:
        given = json.loads(os.environ.get("FARM_GATEWAY_KEYS") or "{}")
    except ValueError:  # its text may hold a key
        raise ValueError("FARM_GATEWAY_KEYS: it is not the JSON that it should be: agent to key") from None
    if not (url := os.environ.get("FARM_GATEWAY_STORE_URL")):
        return
    with open_desk(url).book.entries() as entries:
        enter_given(entries, given)
        forget(entries, time.time())


if __name__ == "__main__":
    main()

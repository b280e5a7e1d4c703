"""`python -m starter`: the only door in."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from starter.process import app
from starter.settings import Settings, explain


def main() -> None:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A line per request is ours to write; these two would repeat it for what we ask of others.
    logging.getLogger("httpx").setLevel("WARNING")
    logging.getLogger("httpcore").setLevel("WARNING")
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(f"starter: wrong environment\n{explain(error)}")
    uvicorn.run(
        app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=4,
    )


if __name__ == "__main__":
    main()

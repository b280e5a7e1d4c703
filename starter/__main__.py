"""`python -m starter`: the only door in."""

import logging

import uvicorn

from contracts.environment import read
from starter.process import app
from starter.settings import Settings


def main() -> None:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A line per request is ours to write; these two would repeat it for what we ask of others.
    logging.getLogger("httpx").setLevel("WARNING")
    logging.getLogger("httpcore").setLevel("WARNING")
    settings = read(Settings, "starter")
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

"""`python -m starter`: the only door in."""

import logging

import uvicorn

from contracts.environment import read
from starter.draining import GRACE_S, Draining, Server
from starter.process import app
from starter.settings import Settings


def main() -> None:
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # A line per request is ours to write; these would repeat it for what we ask of others.
    for name in ("httpx", "httpcore", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel("WARNING")
    settings = read(Settings, "starter")
    draining = Draining()
    config = uvicorn.Config(
        app(settings, draining),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    Server(config, draining, settings.ready_lead_s).run()


if __name__ == "__main__":
    main()

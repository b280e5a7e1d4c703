"""`python -m sandbox.model`: a stand-in for the model's vendor, on FARM_PORT (8221)."""

import logging

import uvicorn

from sandbox.model.api import NATURE, build_app
from sandbox.model.settings import Settings
from sandbox.model.vendor import Vendor

log = logging.getLogger("sandbox.model")


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = Settings()
    log.info("the model on http://%s:%s is a stand-in: %s", settings.host, settings.port, NATURE)
    uvicorn.run(
        build_app(Vendor(settings)),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()

"""Who answers in the gateway's benchmark: the vendor itself, LiteLLM as it comes, and the farm's gateway before it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.accounts.book import Book
from gateway.accounts.keys import make
from tests.bench.gateway_calls import Server
from tests.integration.processes import PYTHON, environment_python, free_port, started

MASTER = "sk-of-the-operator"
ALIVE = "/health/liveliness"


@contextmanager
def vendor(logs: Path) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [PYTHON, "-m", "tests.bench.gateway_vendor", str(port)]
    with started(argv, {}, ready=url, log=logs / "vendor.log") as process:
        yield Server(url, "no-key", process.pid)


@contextmanager
def bare(behind: Server, room: Path) -> Iterator[Server]:
    """The proxy of LiteLLM's own command, with one model and one key, and nothing else set."""
    port = free_port()
    url, configuration = f"http://127.0.0.1:{port}", room / "bare.json"
    model = {"model": "anthropic/claude-haiku-4-5", "api_base": behind.url, "api_key": behind.key}
    listed = [{"model_name": "triage", "litellm_params": model}]
    configuration.write_text(json.dumps({"model_list": listed, "general_settings": {"master_key": MASTER}}))
    command = Path(environment_python("gateway")).with_name("litellm")
    argv = [str(command), "--config", str(configuration), "--host", "127.0.0.1", "--port", str(port)]
    offline = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with started(argv, offline, ready=f"{url}{ALIVE}", log=room / "bare.log") as process:
        yield Server(url, MASTER, process.pid)


@contextmanager
def farmstead(behind: Server, room: Path, without: str = "") -> Iterator[Server]:
    """The gateway as on the embedded stack: a book, answers kept in a file, an agent's key.

    `without`: a measure of tests/bench/gateway_without.py that isn't taken.
    """
    port, name = free_port(), without.replace(" ", "-") or "whole"
    url, book = f"http://127.0.0.1:{port}", f"sqlite:///{room / f'{name}.db'}"
    env = {
        "FARM_PORT": str(port),
        "FARM_GATEWAY_STORE_URL": book,
        "FARM_GATEWAY_KEPT": str(room / f"{name}-answers.db"),
        "LITELLM_MASTER_KEY": MASTER,
        "ANTHROPIC_BASE_URL": behind.url,
        "ANTHROPIC_API_KEY": behind.key,
    }
    argv = ["-m", "tests.bench.gateway_without", without] if without else ["-m", "gateway.serve"]
    log = room / f"{name}.log"
    with started([environment_python("gateway"), *argv], env, ready=f"{url}{ALIVE}", log=log) as process:
        yield Server(url, _key(book), process.pid)


def _key(book: str) -> str:
    """Made as `./farm keys make` makes it."""
    opened = Book(book)
    with opened.entries() as entries:
        _, text = make(entries, "bench", "the benchmark")
    opened.close()
    return text

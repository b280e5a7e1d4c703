"""The chart, rendered by the real helm, with no cluster."""

import importlib.util
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "farmstead"
EXAMPLES = sorted(CHART.glob("ci/*-values.yaml"))

Helm = Callable[..., subprocess.CompletedProcess[str]]
Render = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def helm() -> Helm:
    """The locked helm, installed on first use: `helm("lint", ...)`."""
    spec = importlib.util.spec_from_file_location("install_helm", ROOT / "envs" / "helm" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    install = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(install)
    binary = install.helm()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(scope="session")
def render(helm: Helm) -> Render:
    """The manifests of `helm template farm <chart> <arguments>`."""

    def run(*arguments: str) -> list[dict[str, Any]]:
        rendered = helm("template", "farm", str(CHART), *arguments)
        assert rendered.returncode == 0, rendered.stderr
        return [manifest for manifest in yaml.safe_load_all(rendered.stdout) if manifest]

    return run

"""The compose file, for people with Docker: it can't be run everywhere, so its text is checked."""

from typing import Any

import pytest
import yaml

from ops.places import PROCESSES, ROOT
from ops.stack.processes import read


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "temporal-dev" / "compose.yaml").read_text())["services"]
    return found


def test_has_the_parts_that_are_not_ours(services: dict[str, Any]) -> None:
    """Temporal, PostgreSQL and the gateway, each from a pinned image."""
    assert services.keys() == {"temporal", "postgres", "gateway"}
    assert not any(service["image"].endswith((":latest", ":main")) for service in services.values())


def test_tuning_is_the_same(services: dict[str, Any]) -> None:
    """The settings that make the dev server fast are the same in both."""
    embedded = {word for word in read(PROCESSES).parts["temporal"].argv if "=" in word}
    container = {flag.partition("=")[2] for flag in services["temporal"]["command"] if flag.count("=") == 2}
    assert embedded <= container


def test_listens_on_this_machine_alone(services: dict[str, Any]) -> None:
    """No port is open to the network."""
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service["ports"])


def test_gateway_is_the_locked_version(services: dict[str, Any]) -> None:
    """The image's version is the one that the gateway's environment locks."""
    version = services["gateway"]["image"].rpartition(":v")[2]
    assert f"litellm[proxy]=={version}" in (ROOT / "envs" / "gateway" / "pyproject.toml").read_text()

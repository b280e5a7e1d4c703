import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ecs.__main__ import main
from ecs.pools import Farm
from ecs.render import service, task_definition

EXAMPLE = Path(__file__).parents[3] / "ecs" / "example.json"


@pytest.fixture
def farm() -> Farm:
    return Farm.model_validate_json(EXAMPLE.read_text())


def container(farm: Farm, agent: str) -> dict[str, Any]:
    task: dict[str, Any] = task_definition(farm, agent)
    (only,) = task["containerDefinitions"]
    return dict(only)


def test_each_agent_of_the_map_has_a_task_and_a_service(tmp_path: Path) -> None:
    """Two files per pool, named after its task queue, and each service runs its own task."""
    main(EXAMPLE, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"agent-{agent}.{part}.json" for agent in ("sales", "briefing") for part in ("task", "service")
    }
    task = json.loads((tmp_path / "agent-sales.task.json").read_text())
    assert json.loads((tmp_path / "agent-sales.service.json").read_text())["taskDefinition"] == task["family"]


def test_a_task_runs_its_agents_pool(farm: Farm) -> None:
    """The command names the agent, and the number of tasks is the pool's."""
    assert container(farm, "sales")["command"] == ["python", "-m", "workers", "sales"]
    assert service(farm, "sales")["desiredCount"] == 3


def test_a_task_is_locked_down(farm: Farm) -> None:
    """No root, no writable image, no capabilities, no public address."""
    it = container(farm, "sales")
    assert (it["user"], it["readonlyRootFilesystem"]) == ("10001", True)
    assert it["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    network: Any = service(farm, "sales")["networkConfiguration"]
    assert network["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"


def test_a_worker_is_given_more_time_than_it_drains(farm: Farm) -> None:
    """ECS kills the task only after the worker had its time to finish."""
    it = container(farm, "sales")
    told = {entry["name"]: entry["value"] for entry in it["environment"]}
    assert it["stopTimeout"] > int(told["FARM_DRAIN_S"]) == 90


def test_secrets_go_by_reference(farm: Farm) -> None:
    """What is common and what is the agent's own, by ARN, and none in the plain environment."""
    it = container(farm, "briefing")
    assert {entry["name"] for entry in it["secrets"]} == {"FARM_STORE_URL", "FARM_GATEWAY_KEY"}
    assert not {"FARM_STORE_URL", "FARM_GATEWAY_KEY"} & {entry["name"] for entry in it["environment"]}


@pytest.mark.parametrize(
    ("agent", "where"),
    [
        ({"replica": 3}, "agents.sales.replica"),
        ({"replicas": -1}, "agents.sales.replicas"),
        ({"drainSeconds": 110}, "agents.sales.drainSeconds"),
        ({"env": {"A": 1}}, "agents.sales.env.A"),
    ],
)
def test_a_wrong_map_says_where(agent: dict[str, Any], where: str) -> None:
    """A misspelt key or an impossible value is an error that names its place."""
    content = json.loads(EXAMPLE.read_text())
    content["agents"] = {"sales": agent}
    with pytest.raises(ValidationError) as refused:
        Farm.model_validate(content)
    assert ".".join(map(str, refused.value.errors()[0]["loc"])) == where


def versioned(farm: Farm, tag: str) -> Farm:
    return Farm.model_validate(
        {**farm.model_dump(by_alias=True), "versioned": True, "image": f"registry.example.com:5000/farm{tag}"}
    )


def test_a_version_is_a_service_beside_the_one_before(farm: Farm) -> None:
    """Another tag is another name, so that nothing takes the old build's workers away; and they know their build."""
    old, new = (versioned(farm, tag) for tag in (":2026.11.1", ":2026.11.2@sha256:abc"))
    assert [service(each, "sales")["serviceName"] for each in (old, new)] == [
        "agent-sales-2026-11-1",
        "agent-sales-2026-11-2",
    ]
    assert service(new, "sales")["taskDefinition"] == task_definition(new, "sales")["family"]
    told = {entry["name"]: entry["value"] for entry in container(new, "sales")["environment"]}
    assert told["FARM_BUILD_ID"] == "2026.11.2"


@pytest.mark.parametrize("tag", ["", ":latest", "@sha256:abc"])
def test_a_tag_that_moves_is_no_build(farm: Farm, tag: str) -> None:
    """Two codes under one build id would break the runs that are pinned to it."""
    with pytest.raises(ValidationError, match="needs a tag that never means another image"):
        versioned(farm, tag)


def test_unversioned_workers_have_no_build(farm: Farm) -> None:
    """As long as nobody asks for versions, a new task takes the old one's place."""
    assert "FARM_BUILD_ID" not in {entry["name"] for entry in container(farm, "sales")["environment"]}

"""A second agent costs the process list nothing: parts, ports and keys come from the registry."""

import json
from pathlib import Path

import pytest

from ops.errors import FarmError
from ops.places import PROCESSES, Instance
from ops.stack.agents import spelt_out
from ops.stack.plan import Plan, make_plan
from ops.stack.processes import read

TWO = ("sales", "exec-briefing")


def planned(tmp_path: Path, **surroundings: str) -> Plan:
    return make_plan(read(PROCESSES, TWO), Instance(tmp_path / "test"), 0, surroundings)


def key(plan: Plan, agent: str) -> str:
    return plan.launches[f"worker-{agent}"].env["FARM_GATEWAY_KEY"]


def test_each_agent_has_a_worker_on_a_port_of_its_own(tmp_path: Path) -> None:
    """The ports count up in the registry's order, and each process is told its agent."""
    plan = planned(tmp_path)
    ports = {claim.part: claim.port for claim in plan.claims if claim.part.startswith("worker-")}
    assert ports == {"worker-sales": 8301, "worker-exec-briefing": 8302}
    assert plan.launches["worker-exec-briefing"].argv[-1] == "exec-briefing"
    assert plan.launches["worker-exec-briefing"].env["FARM_PORT"] == "8302"


def test_the_gateway_knows_every_agents_key(tmp_path: Path) -> None:
    """The gateway gets agent -> key as JSON, and each worker's key is in it under its own agent."""
    plan = planned(tmp_path)
    keys = json.loads(plan.launches["gateway"].env["FARM_GATEWAY_KEYS"])
    assert keys == {agent: key(plan, agent) for agent in TWO}
    assert len(set(keys.values())) == len(TWO)


def test_nobody_else_is_told_an_agents_key(tmp_path: Path) -> None:
    """An agent's key is in its own worker's environment and the gateway's, and nowhere else."""
    plan = planned(tmp_path)
    knowing = {name for name, launch in plan.launches.items() if key(plan, "sales") in " ".join(launch.env.values())}
    assert knowing == {"gateway", "worker-sales"}


def test_an_agents_own_variable_wins(tmp_path: Path) -> None:
    """FARM_GATEWAY_KEY_<AGENT> is that agent's key, and reaches no other worker."""
    plan = planned(tmp_path, FARM_GATEWAY_KEY_EXEC_BRIEFING="mine")
    assert key(plan, "exec-briefing") == "mine"
    assert "mine" not in plan.launches["worker-sales"].env.values()


def test_the_short_variable_does_for_one_agent(tmp_path: Path) -> None:
    """With one agent, FARM_GATEWAY_KEY is its key."""
    plan = make_plan(read(PROCESSES, ("sales",)), Instance(tmp_path / "test"), 0, {"FARM_GATEWAY_KEY": "mine"})
    assert key(plan, "sales") == "mine"


def test_one_key_for_two_agents_is_refused(tmp_path: Path) -> None:
    """Calls under a shared key couldn't be told apart: the error names a variable for each agent."""
    with pytest.raises(FarmError, match="FARM_GATEWAY_KEY can't be the value of") as error:
        planned(tmp_path, FARM_GATEWAY_KEY="shared")
    assert "FARM_GATEWAY_KEY_SALES, FARM_GATEWAY_KEY_EXEC_BRIEFING" in str(error.value)


def test_a_gateway_of_ones_own_needs_a_key_of_ones_own(tmp_path: Path) -> None:
    """A key made here would mean nothing there: the error names the agent's variable."""
    theirs = {"FARM_GATEWAY_URL": "http://gateway.example", "FARM_GATEWAY_KEY_SALES": "mine"}
    with pytest.raises(FarmError, match="FARM_GATEWAY_URL is set, and none of FARM_GATEWAY_KEY_EXEC_BRIEFING"):
        planned(tmp_path, **theirs)
    plan = planned(tmp_path, **theirs, FARM_GATEWAY_KEY_EXEC_BRIEFING="its own")
    assert (key(plan, "sales"), key(plan, "exec-briefing")) == ("mine", "its own")
    assert "gateway" not in plan.launches


def test_pattern_without_the_agents_name_is_refused() -> None:
    """A part of each agent must be called differently for each."""
    with pytest.raises(FarmError, match=r"parts\.worker: .* needs \{agent\} in its name"):
        spelt_out({"parts": {"worker": {"each": "agent"}}}, TWO)

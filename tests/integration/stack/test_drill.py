"""The drills on the whole stack, small: what dies is real, and so is what is counted afterwards."""

import json
from typing import Any

import pytest

from ops.drill.boundaries import Boundary
from tests.integration.stack.conftest import Farm

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600)]


def drilled(farm: Farm, *words: str) -> dict[str, Any]:
    """What a drill comes to; it says itself where it didn't hold."""
    done = farm.run("drill", *words, "--json", timeout=500)
    verdict = dict(json.loads(done.stdout)) if done.stdout else {}
    assert done.returncode == 0, done.stderr
    return verdict


def test_workers_killed_at_every_boundary(farm: Farm) -> None:
    """Ten runs, fifteen kills and more: all finish, with every effect once and every event in one run."""
    verdict = drilled(farm, "kill-worker", "--runs", "10")
    assert (verdict["runs"], verdict["finished"]) == (10, 10)
    assert verdict["kills"] >= 15
    assert [boundary for boundary in Boundary if not verdict["kills_at"][boundary]] == []
    assert (verdict["duplicates"], verdict["lost"], verdict["in_doubt"], verdict["broken_chains"]) == (0, 0, 0, 0)
    assert verdict["recoveries"] >= 10


@pytest.mark.parametrize("part", ["temporal", "gateway", "store", "tools"])
def test_a_part_away_for_a_while(farm: Farm, part: str) -> None:
    """In the middle of four runs: all finish when it is back, with every effect once and every event in one run."""
    verdict = drilled(farm, f"stop-{part}", "--runs", "4", "--seconds", "12")
    assert verdict["away_s"] >= 12
    assert verdict["finished"] == verdict["runs"] == 4
    assert (verdict["duplicates"], verdict["lost"], verdict["in_doubt"], verdict["broken_chains"]) == (0, 0, 0, 0)


def test_the_vendor_is_overloaded_for_a_while(farm: Farm) -> None:
    """Who has a standby goes on by it, the others wait: all finish, and no call is paid twice."""
    verdict = drilled(farm, "vendor-outage", "--runs", "4", "--seconds", "12")
    assert verdict["finished"] == verdict["runs"] == 4
    assert (verdict["duplicates"], verdict["lost"], verdict["paid_twice"]) == (0, 0, 0)
    assert min(verdict["overloaded"], verdict["by_standby"]) > 0


def test_events_come_in_while_temporal_and_the_starter_die(farm: Farm) -> None:
    """All that was accepted is in one run, in order; some went over the spool, some were cut off and sent again."""
    verdict = drilled(farm, "intake", "--events", "600", "--deals", "40", "--outage", "10", "--kills", "2")
    assert (verdict["verdict"], verdict["wrong"]) == ("held", [])
    assert verdict["sent"] == 600
    assert verdict["accepted"] == verdict["delivered"] > 550
    assert (verdict["lost"], verdict["twice"], verdict["out_of_order"], verdict["untold"]) == (0, 0, 0, 0)
    assert verdict["kills"] == 2
    assert verdict["outage_s"] >= 10
    assert verdict["spooled"] > 100
    assert verdict["put_off"] > 0
    assert min(verdict["duplicates"], verdict["refused"] + verdict["quarantined"]) > 0


def test_an_agent_moves_to_another_vendor_by_one_line(farm: Farm) -> None:
    """New runs within a minute, with tools, caching and structured answers; the run in flight stays where it was."""
    verdict = drilled(farm, "swap-model")
    assert verdict["wrong"] == []
    assert verdict["moved"]["models"]["orchestrator"] == ["gpt-5.5-2026-04-23"]
    assert verdict["stayed"]["models"]["orchestrator"] == ["claude-sonnet-5-5"]
    assert min(verdict["stayed_calls_after"], verdict["moved"]["tool_uses"], verdict["moved"]["cache_read_tokens"]) > 0
    assert verdict["done_s"] < 60

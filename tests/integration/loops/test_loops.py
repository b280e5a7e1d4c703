"""Agents that write to what they listen to, and to each other: they settle, or are stopped and somebody is told."""

from pathlib import Path

import pytest
from temporalio.client import Client

from tests.integration.loops.farm import AGENT, INES, TOM, farm
from tests.integration.loops.toys import PING, WRITER

pytestmark = pytest.mark.slow

FINGERPRINT = "own write (fingerprint)"


async def test_an_agent_that_writes_what_it_listens_to_settles_after_one_run(temporal: Client, tmp_path: Path) -> None:
    """By the fingerprint alone: the starter doesn't know the user that the agent writes as."""
    async with farm(temporal, tmp_path, {"writer": TOM}) as at:
        await at.claire_sets(value=500)
        settled = await at.settled()
        assert (await at.deal())["value"] == 1001
        assert settled["writer"].runs == 1
        assert await at.door() == [("writer", "value"), (FINGERPRINT, "value")]


async def test_so_it_does_by_the_actor_alone(temporal: Client, tmp_path: Path) -> None:
    """Nothing is announced, and the starter knows its own user."""
    async with farm(temporal, tmp_path, {"writer": AGENT}, own_token=AGENT, fingerprints=False) as at:
        await at.claire_sets(value=500)
        assert (await at.settled())["writer"].runs == 1
        assert await at.door() == [("writer", "value"), ("own write", "value")]


async def test_without_both_the_breaker_stops_it(temporal: Client, tmp_path: Path) -> None:
    """The test above isn't vacuous: this agent does chase its own tail."""
    async with farm(temporal, tmp_path, {"writer": TOM}, fingerprints=False) as at:
        await at.claire_sets(value=500)
        writer = (await at.settled())["writer"]
        assert (writer.runs, writer.stopped) == (WRITER.breaker.runs, True)
        (alarm,) = at.said()
        assert "writer:deal:42 is stopped" in alarm


async def test_a_person_who_sets_the_same_value_later_is_heard(temporal: Client, tmp_path: Path) -> None:
    """The agent's own write has used its fingerprint up; by fingerprint and by actor alike."""
    async with farm(temporal, tmp_path, {"writer": AGENT}, own_token=AGENT) as at:
        await at.claire_sets(value=500)
        await at.settled()
        await at.claire_sets(value=600)
        await at.claire_sets(value=1001)
        assert (await at.settled())["writer"].runs == 2
        assert (await at.door())[2:4] == [("writer", "value"), ("writer", "value")]


async def test_two_agents_that_answer_each_other_are_stopped_at_the_hop_limit(temporal: Client, tmp_path: Path) -> None:
    """Each with a user of its own. They hear each other as they ask to; what is too far from Claire is put aside, and
    people are told once.
    """
    async with farm(temporal, tmp_path, {"ping": TOM, "pong": INES}) as at:
        await at.claire_sets(title="Claire's")
        settled = await at.settled()
        (letter,) = await at.dead_letters()
        assert (letter.agent, [event["hop"] for event in letter.events]) == ("ping", [PING.most_hops + 1])
        assert letter.reason.startswith("hop limit")
        assert {agent: each.stopped for agent, each in settled.items()} == {"ping": False, "pong": False}
        (alarm,) = at.said()
        assert "ping:deal:42 put 1 events aside" in alarm


async def test_unrecognised_they_are_stopped_by_their_breakers(temporal: Client, tmp_path: Path) -> None:
    """Nobody knows who wrote what, so each hears itself, too, and runs too often; of each that is stopped people are
    told once.
    """
    async with farm(temporal, tmp_path, {"ping": TOM, "pong": INES}, fingerprints=False) as at:
        await at.claire_sets(title="Claire's")
        settled = await at.settled()
        stopped = sorted(agent for agent, each in settled.items() if each.stopped)
        assert stopped
        assert max(each.runs for each in settled.values()) == PING.breaker.runs
        assert await at.dead_letters() == []
        assert sorted(alarm.partition(":")[0] for alarm in at.said()) == stopped


async def test_agents_that_do_not_ask_for_it_are_quiet(temporal: Client, tmp_path: Path) -> None:
    """The farm's writes are no news by themselves, whatever user they are written as."""
    async with farm(temporal, tmp_path, {"writer": TOM, "pong": INES}) as at:
        await at.claire_sets(value=500)
        settled = await at.settled()
        assert settled["writer"].runs == 1
        door = await at.door()
        assert {("writer", "value"), ("pong", "value"), (FINGERPRINT, "title")} <= set(door)
        assert not {("writer", "title"), ("pong", "title")} & set(door)
        assert at.said() == []

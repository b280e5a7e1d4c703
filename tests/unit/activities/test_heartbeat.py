"""Signs of life."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from activities.heartbeat import heartbeats


async def work():
    async with heartbeats():
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(("within", "beats"), [(timedelta(seconds=0.12), True), (None, False)])
async def test_a_long_call_shows_that_it_lives(env, within, beats):
    """Several times within the timeout, and not at all where none is wanted."""
    seen = []
    env.info = dataclasses.replace(env.info, heartbeat_timeout=within)
    env.on_heartbeat = lambda *details: seen.append(details)
    await env.run(work)
    assert (len(seen) >= 3) == beats
    after = len(seen)
    await asyncio.sleep(0.1)
    assert len(seen) == after


async def test_a_sign_of_life_says_what_is_waited_for(env):
    """And since when: the Temporal UI shows it of a call that takes long."""
    seen = []
    env.info = dataclasses.replace(env.info, heartbeat_timeout=timedelta(seconds=0.1))
    env.on_heartbeat = lambda *details: seen.append(details)

    async def think():
        async with heartbeats("orchestrator to answer orchestrate-3"):
            await asyncio.sleep(0.05)

    await env.run(think)
    assert seen[0] == ("waits for orchestrator to answer orchestrate-3, 0 s by now",)


@pytest.mark.parametrize(
    ("news", "heard"),
    [
        ("first word after 61 s", ": first word after 61 s"),
        ("", ""),
        (RuntimeError("a bug"), ""),
        (60.0, ": no news of it can be had now"),
    ],
    ids=["some", "none", "wrong", "slow"],
)
async def test_a_sign_of_life_carries_the_latest_news(env, news, heard):
    """And is never held up by them, however long they take and whatever is wrong with them."""
    seen = []
    env.info = dataclasses.replace(env.info, heartbeat_timeout=timedelta(seconds=0.1))
    env.on_heartbeat = lambda *details: seen.append(details)

    async def tell():
        if isinstance(news, Exception):
            raise news
        if isinstance(news, float):
            await asyncio.sleep(news)
        return news

    async def think():
        async with heartbeats("orchestrator to answer orchestrate-3", tell):
            await asyncio.sleep(0.15)

    await env.run(think)
    assert set(seen) == {(f"waits for orchestrator to answer orchestrate-3, 0 s by now{heard}",)}
    assert len(seen) >= 3

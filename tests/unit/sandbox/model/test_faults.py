"""Faults that spoil an answer, seen with the vendor's own SDK and beneath it."""

import asyncio

import anthropic
import httpx
import pytest
from anthropic import AsyncAnthropic

ASKED = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}
HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01"}


async def _order(url: str, **fault) -> None:
    async with httpx.AsyncClient() as http:
        (await http.post(f"{url}/sandbox/faults", json={"times": 1, **fault})).raise_for_status()


async def _figures(url: str) -> dict:
    async with httpx.AsyncClient() as http:
        return (await http.get(f"{url}/sandbox/calls")).json()


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_can_break_off(url, stream):
    """The connection ends in the middle; the call doesn't count as answered, and the next one is well."""
    await _order(url, mode="cut")
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.post(f"{url}/v1/messages", json={**ASKED, "stream": stream}, headers=HEADERS)
        assert (await http.post(f"{url}/v1/messages", json=ASKED, headers=HEADERS)).status_code == 200
    figures = await _figures(url)
    assert (figures["calls"], figures["refused"]) == (1, {"cut": 1})


async def test_an_answer_can_be_garbage(url):
    """200, and no JSON."""
    await _order(url, mode="garbage")
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{url}/v1/messages", json=ASKED, headers=HEADERS)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    assert (await _figures(url))["refused"] == {"garbage": 1}


async def test_an_answer_can_be_a_refusal(client: AsyncAnthropic, url):
    """It is one, it is paid for, and it says no more than that."""
    await _order(url, mode="refuse")
    answer = await client.messages.create(**ASKED)
    assert (answer.stop_reason, answer.content) == ("refusal", [])
    assert (await _figures(url))["calls"] == 1


async def test_an_error_says_what_it_was_told_to_say(client: AsyncAnthropic, url):
    """The vendor's own words decide what an error means, so a test can choose them."""
    await _order(url, mode="fail", status=400, message="prompt is too long: 210000 tokens > 200000 maximum")
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long"):
        await client.messages.create(**ASKED)


async def test_a_rate_limit_may_not_say_for_how_long(client: AsyncAnthropic, url):
    """Without Retry-After, as proxies in between leave it out."""
    await _order(url, mode="rate-limit", retry_after=None)
    with pytest.raises(anthropic.RateLimitError) as caught:
        await client.messages.create(**ASKED)
    assert "retry-after" not in caught.value.response.headers


async def _streamed(client: AsyncAnthropic) -> list[str]:
    """The kinds of event that come, until the end or an error."""
    return [event.type async for event in await client.messages.create(**ASKED, stream=True)]


async def test_the_first_word_can_be_late(url):
    """With pings before it: the vendor lives."""
    await _order(url, mode="slow-first-token", delay_ms=700)
    async with httpx.AsyncClient() as http:
        told = (await http.post(f"{url}/v1/messages", json={**ASKED, "stream": True}, headers=HEADERS)).text
    before, words, _ = told.partition("content_block_start")
    assert (before.count("event: ping"), bool(words)) == (2, True)
    assert (await _figures(url))["calls"] == 1


async def test_a_stream_can_stand_still(client: AsyncAnthropic, url):
    """In the middle; it comes to its end, and only then it counts. Whole, the answer is late."""
    await _order(url, mode="stall", delay_ms=300)
    waiting = asyncio.create_task(_streamed(client))
    await asyncio.sleep(0.15)
    assert (await _figures(url))["calls"] == 0
    assert (await waiting)[-1] == "message_stop"
    assert (await _figures(url))["calls"] == 1
    await _order(url, mode="stall", delay_ms=10)
    assert (await client.messages.create(**ASKED)).content


async def test_a_stream_can_end_in_an_error(client: AsyncAnthropic, url):
    """As an event, for the status has gone; nothing counts as answered."""
    await _order(url, mode="break", status=529)
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        await _streamed(client)
    assert (await _figures(url))["calls"] == 0

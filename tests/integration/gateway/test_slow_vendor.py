"""A vendor who is slow, one who stands still and one who breaks off, through the real proxy with short patience.

A proxy of its own: in the folder's, the limits are those of the product, a minute and more.
"""

import asyncio
import dataclasses
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.model import ModelActivities
from contracts.agents import Kit
from contracts.calls import CallSite, ModelCall
from contracts.progress import CallProgress
from gateway.accounts.book import Book
from gateway.accounts.spend import spent
from gateway.calls.client import Gateway
from gateway.calls.failures import GatewayError
from gateway.prices.money import dollars
from store.blobs import Blobs
from store.database import Database
from store.kits import Kits
from store.model_calls import ModelCalls
from tests.integration.gateway.accounts import Accounts
from tests.integration.gateway.calls import call
from tests.integration.gateway.mounting import mounted
from tests.integration.gateway.test_paid_once import CALLER
from tests.integration.model_gateway import ModelGateway, model_gateway
from tests.integration.processes import PYTHON, ROOT

pytestmark = [pytest.mark.stack, pytest.mark.slow]

ROLE = "orchestrator"
ALONE = "claude-sonnet-4-6"
"""A model that nobody stands by for."""

FIRST_S, STALL_S = 5, 1
LONGER_MS = 60_000
LONG = "An offer? " * 50
"""The stand-in says it again, so the first half of the answer has words of it."""


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ModelGateway, Path]]:
    """A gateway that waits for seconds where ours waits for minutes, and its book."""
    folder = tmp_path_factory.mktemp("hasty")
    environment = mounted(folder)
    models = folder / "farm/gateway/models.toml"
    text = re.sub(r"stall_s = \d+", f"stall_s = {STALL_S}", models.read_text())
    models.write_text(re.sub(r"timeout_s = \d+", f"timeout_s = {FIRST_S}", text))
    book = folder / "book.db"
    with model_gateway(folder, FARM_GATEWAY_STORE_URL=f"sqlite:///{book}", **environment) as running:
        asked = {"model": ROLE, "max_tokens": 10, "messages": [{"role": "user", "content": "Warm up."}]}
        headers = {"x-api-key": running.key, "anthropic-version": "2023-06-01"}
        # a proxy's first call takes as long as it likes: it imports
        httpx.post(f"{running.url}/v1/messages", json=asked, headers=headers, timeout=60)
        yield running, book


@pytest.fixture
def proxy(hasty: tuple[ModelGateway, Path]) -> Iterator[ModelGateway]:
    yield hasty[0]
    hasty[0].mend()


@pytest.fixture
async def gateway(proxy: ModelGateway) -> AsyncIterator[Gateway]:
    client = Gateway(proxy.url, proxy.key)
    yield client
    await client.close()


@pytest.fixture
async def accounts(proxy: ModelGateway, hasty: tuple[ModelGateway, Path]) -> AsyncIterator[Accounts]:
    opened = Accounts(proxy, Book(f"sqlite:///{hasty[1]}"))
    yield opened
    await opened.close()


async def _under_way(gateway: Gateway) -> dict[str, Any]:
    answer = await gateway.client.get("/farm/calls", cast_to=httpx2.Response)
    calls: dict[str, Any] = answer.json()
    return calls


async def _heard(gateway: Gateway, call_id: str, until: Callable[[Any], bool]) -> CallProgress:
    """Of a call, once it is so."""
    for _ in range(200):
        told = (await _under_way(gateway)).get(call_id)
        if told and until(heard := CallProgress.model_validate(told)):
            return heard
        await asyncio.sleep(0.05)
    raise AssertionError(f"not heard in 10 s: {told}")


async def test_a_slow_vendor_who_lives_is_waited_for(gateway: Gateway, proxy: ModelGateway) -> None:
    """For longer than a stream may stand still: pings come, and the first word before its own limit."""
    proxy.fault(mode="slow-first-token", delay_ms=2500, times=1)
    asked = call(ROLE)
    waiting = asyncio.create_task(gateway.complete(asked))
    heard = await _heard(gateway, asked.call_id, lambda its: its.last_s is not None and its.sent_s > STALL_S)
    assert (heard.first_after_s, heard.streams, heard.characters) == (None, True, 0)
    assert "no word of the answer yet, a sign of life" in await gateway.listening.told(asked.call_id)
    assert proxy.vendors()[ROLE]["longest_s"] > 1
    assert (await waiting).text
    assert await _under_way(gateway) == {}


async def test_a_vendor_who_only_says_that_it_lives_is_given_up(gateway: Gateway, proxy: ModelGateway) -> None:
    """Pings aren't an answer: after the model's timeout it counts as a passing failure."""
    proxy.fault(mode="slow-first-token", delay_ms=LONGER_MS, times=1)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call(ROLE))
    assert (caught.value.failure.kind, caught.value.failure.status) == ("passing", 504), caught.value.failure
    assert "began no answer within 5 s" in caught.value.failure.message


async def test_a_stream_that_stands_still_is_a_passing_failure(gateway: Gateway, proxy: ModelGateway) -> None:
    """Cut off long before anything else would notice, and told from an answer that is slow; another one asks anew."""
    proxy.fault(mode="stall", delay_ms=LONGER_MS, times=1)
    asked, before = call(ROLE), proxy.figures()["calls"]
    waiting = asyncio.create_task(gateway.complete(asked))
    await _heard(gateway, asked.call_id, lambda its: its.characters > 0 and its.last_s > 0)
    assert proxy.vendors()[ROLE]["silent_s"] > 0
    with pytest.raises(GatewayError) as caught:
        await waiting
    assert (caught.value.failure.kind, caught.value.failure.status) == ("passing", 504), caught.value.failure
    assert "stood still for 1 s" in caught.value.failure.message
    assert caught.value.failure.message.startswith("The model's vendor")
    assert (await gateway.complete(asked)).text
    assert proxy.figures()["calls"] == before + 1


@pytest.mark.parametrize(("status", "kind"), [(529, "passing"), (500, "passing"), (429, "passing"), (400, "permanent")])
async def test_an_error_within_a_stream_is_as_one_before_it(
    gateway: Gateway, proxy: ModelGateway, status: int, kind: str
) -> None:
    """The vendor's 200 had gone already; the caller has the status that it means."""
    proxy.fault(mode="break", status=status, times=1)
    with pytest.raises(GatewayError) as caught:
        await gateway.complete(call(ROLE))
    assert (caught.value.failure.kind, caught.value.failure.status) == (kind, status)


@pytest.mark.parametrize("fault", [{"mode": "stall", "delay_ms": LONGER_MS}, {"mode": "break"}, {"mode": "cut"}])
async def test_the_book_has_one_paid_call(accounts: Accounts, fault) -> None:
    """And what broke off beside it, at less: all that was sent, and as much of the answer as had come."""
    accounts.proxy.fault(times=1, **fault)
    with pytest.raises(GatewayError):
        await accounts.ask(ALONE, LONG, call_id="the-same")
    answer = await accounts.ask(ALONE, LONG, call_id="the-same")
    calls = await accounts.calls(at_least=2)
    assert [each.outcome for each in calls] == ["broken", "answered"]
    broken, whole = calls
    assert (broken.model, broken.input_tokens) == (ALONE, answer.usage.input_tokens)
    assert 0 < broken.output_tokens < answer.usage.output_tokens
    assert 0 < broken.cost_usd < whole.cost_usd == pytest.approx(answer.cost_usd)
    with accounts.book.reading() as entries:
        today = dollars(spent(entries, entries.now(), accounts.agent).today)
    assert today == pytest.approx(broken.cost_usd + whole.cost_usd)


async def test_a_vendor_who_had_not_begun_is_not_paid(accounts: Accounts) -> None:
    """An error in the place of a stream tells of no usage."""
    accounts.proxy.fault(mode="fail", status=529, times=1)
    with pytest.raises(GatewayError):
        await accounts.ask(ALONE)
    assert [(each.outcome, each.cost_usd) for each in await accounts.calls()] == [("failed", 0)]


async def test_a_caller_killed_in_the_middle_of_a_stream_has_paid(gateway: Gateway, proxy: ModelGateway) -> None:
    """kill -9 after the first words: who asks again joins the same stream, and has all of its answer."""
    asked, before = call(ROLE), proxy.figures()["calls"]
    proxy.fault(mode="stall", delay_ms=900, times=1)
    caller = await asyncio.create_subprocess_exec(
        PYTHON, "-c", CALLER, proxy.url, proxy.key, asked.model_dump_json(), cwd=ROOT
    )
    await _heard(gateway, asked.call_id, lambda its: its.characters > 0)
    caller.send_signal(signal.SIGKILL)
    assert await caller.wait() == -signal.SIGKILL
    assert (await gateway.complete(asked)).text.startswith("Rules, not a language model")
    assert proxy.figures()["calls"] == before + 1


async def test_a_stalled_call_is_tried_again_and_entered_once(
    gateway: Gateway, proxy: ModelGateway, tmp_path: Path
) -> None:
    """By the activity: its heartbeats say what it waits for, its failure is one that Temporal tries again, and the
    next attempt, of another worker, leaves the run's one row.
    """
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'farm.db'}")
    await db.migrate()
    site = CallSite(run="sales:deal:42/run-1", step="orchestrate-1")
    await Kits(db).record(site.run, Kit(prompts={"plan": await Blobs(db).put("You plan.")}), {})
    asked, said = ModelCall(site=site, role=ROLE, prompt="plan", say="News."), list[str]()
    worker = ActivityEnvironment()
    worker.info = dataclasses.replace(worker.info, heartbeat_timeout=timedelta(seconds=1))
    worker.on_heartbeat = lambda *details: said.append(str(details[0]))
    proxy.fault(mode="stall", delay_ms=LONGER_MS, times=1)
    with pytest.raises(ApplicationError) as caught:
        await worker.run(ModelActivities(db, gateway).call_model, asked)
    assert (caught.value.type, caught.value.non_retryable) == ("passing", False)
    assert any(re.search(r"waits for orchestrator .*: first word after \d+ s, \d+ characters", each) for each in said)
    reply = await ActivityEnvironment().run(ModelActivities(db, gateway).call_model, asked)
    rows = await ModelCalls(db).of_run(site.run)
    assert [row.cost_usd for row in rows] == [pytest.approx(reply.cost_usd)]
    await db.close()


async def test_nobody_hears_of_anothers_calls(gateway: Gateway, accounts: Accounts, proxy: ModelGateway) -> None:
    """They are told to the key that asked, and to no stranger."""
    proxy.fault(mode="slow-first-token", delay_ms=800, times=1)
    asked = call(ROLE)
    waiting = asyncio.create_task(gateway.complete(asked))
    await _heard(gateway, asked.call_id, lambda _: True)
    assert await _under_way(accounts.client) == {}
    await waiting

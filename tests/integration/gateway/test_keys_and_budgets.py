"""Keys, limits and the book of spend, through the real proxy: each must bite, and say so in words."""

import asyncio
import json
from typing import Any

import anthropic
import httpx
import pytest

from gateway.accounts.keys import revoke, rotate
from gateway.accounts.limits import FARM
from gateway.accounts.spend import spent
from gateway.calls.failures import GatewayError
from gateway.prices.money import DOLLAR, picodollars
from tests.integration.gateway.accounts import BODY, Accounts, asked_and_left

pytestmark = pytest.mark.stack

TOKENS = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_tokens": "cache_read_input_tokens",
    "cache_write_tokens": "cache_creation_input_tokens",
}


A_BATCH = {"requests": [{"custom_id": "1", "params": {**BODY, "model": "claude-haiku-5-5"}}]}


def today(accounts: Accounts, subject: str = "") -> int:
    with accounts.book.reading() as entries:
        return spent(entries, entries.now(), subject or accounts.agent).today


def vendor_figures(accounts: Accounts) -> dict[str, Any]:
    figures: dict[str, Any] = httpx.get(f"{accounts.proxy.vendor}/sandbox/calls").json()
    return figures


async def test_a_call_is_in_the_book_with_what_its_answer_said(accounts: Accounts) -> None:
    """The same dollars and tokens as its caller enters in the farm's ledger, under the caller's id."""
    answer = await accounts.ask("orchestrator", call_id="sales:deal:42/run-1/orchestrate-1")
    (call,) = await accounts.calls()
    assert (call.call_id, call.key, call.role) == ("sales:deal:42/run-1/orchestrate-1", accounts.key.id, "orchestrator")
    assert (call.model, call.outcome, call.cost_usd) == ("claude-sonnet-5-5", "answered", answer.cost_usd)
    assert {name: getattr(call, name) for name in TOKENS} == answer.usage.model_dump(include=set(TOKENS))


@pytest.mark.parametrize(("limit", "per"), [("daily", "a day"), ("monthly", "a month")])
async def test_money_reached_is_a_budget_in_words(accounts: Accounts, limit: str, per: str) -> None:
    """Whose it is, how much, until when, and how to allow more; nothing is asked of the vendor."""
    await accounts.ask()
    await accounts.calls()
    accounts.limit(**{limit: 1})
    before = vendor_figures(accounts)["calls"]
    failure = await accounts.refused()
    assert (failure.kind, failure.status) == ("budget", 402)
    assert f"{accounts.agent} has spent $0.0" in failure.message
    assert f"of the $0.0000 {per} that it may; no call until 20" in failure.message
    assert f"./farm keys limit {accounts.agent} --{limit}" in failure.message[:300]
    assert vendor_figures(accounts)["calls"] == before


async def test_the_farms_money_is_everybodys(accounts: Accounts) -> None:
    """An agent within its own limit is refused by the farm's, and told so."""
    await accounts.ask()
    await accounts.calls()
    accounts.limit(FARM, daily=1)
    failure = await accounts.refused()
    assert failure.kind == "budget"
    assert "the whole farm has spent" in failure.message


async def test_money_is_exact_under_concurrency(accounts: Accounts) -> None:
    """Many calls at once spend no more than the limit and the one call that crosses it, and each is in the book."""
    (first,) = [await accounts.ask()]
    await accounts.calls()
    accounts.limit(daily=picodollars(first.cost_usd * 5.5))

    async def ask() -> float:
        for _ in range(60):
            try:
                return (await accounts.ask()).cost_usd
            except GatewayError as error:
                if error.failure.kind == "budget":
                    break
                # the rest is held for calls under way: they end, and then there is an answer
                await asyncio.sleep(0.1)
        return 0.0

    paid = [each for each in await asyncio.gather(*(ask() for _ in range(16))) if each]
    calls = await accounts.calls(at_least=len(paid) + 1)
    assert len(paid) == 5
    assert today(accounts) == sum(map(picodollars, [first.cost_usd, *paid]))
    assert len([call for call in calls if call.outcome == "answered"]) == 6


async def test_calls_a_minute_pass_with_a_time_to_come_back(accounts: Accounts) -> None:
    """When the oldest call leaves the minute."""
    accounts.limit(rpm=2)
    await accounts.ask()
    await accounts.ask()
    failure = await accounts.refused()
    assert (failure.kind, failure.status) == ("passing", 429)
    assert 50 < (failure.retry_after_s or 0) <= 60
    assert f"{accounts.agent} may have 2 calls a minute" in failure.message


async def test_tokens_a_minute_pass_with_a_time_to_come_back(accounts: Accounts) -> None:
    """The call that crosses the line is answered; the next one waits."""
    accounts.limit(tpm=1)
    await accounts.ask()
    failure = await accounts.refused()
    assert (failure.kind, failure.status) == ("passing", 429)
    assert 50 < (failure.retry_after_s or 0) <= 60
    assert "tokens a minute" in failure.message


async def test_a_role_that_is_not_allowed_is_permanent(accounts: Accounts) -> None:
    """With words on how to allow it; what is allowed is answered."""
    accounts.limit(models=("triage",))
    failure = await accounts.refused("orchestrator")
    assert (failure.kind, failure.status) == ("permanent", 403)
    assert f"./farm keys limit {accounts.agent} --models triage,orchestrator" in failure.message
    assert (await accounts.ask("triage")).text


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/chat/completions", {"model": "orchestrator"}),
        ("/chat/completions", {"model": "orchestrator"}),
        ("/v1/messages", {"model": "anthropic/claude-sonnet-5-5"}),
        ("/v1/messages", {"model": "claude-sonnet-5-5"}),
        ("/v1/messages", {"model": "orchestrator-standby"}),
        ("/v1/messages", {"fallbacks": ["orchestrator"]}),
        ("/v1/chat/completions", {"fallbacks": ["orchestrator"], "mock_testing_fallbacks": True}),
        ("/v1/chat/completions", {"model": "triage,orchestrator"}),
        ("/v1/chat/completions", {"model": ["triage", "orchestrator"]}),
        ("/anthropic/v1/messages", {"model": "claude-sonnet-5-5"}),
        ("/v1/responses", {"model": "orchestrator", "input": "An offer?"}),
        ("/openai/deployments/orchestrator/chat/completions", {}),
        ("/engines/orchestrator/chat/completions", {}),
    ],
    ids=str,
)
async def test_there_is_no_way_around_the_allow_list(accounts: Accounts, path: str, more: dict[str, Any]) -> None:
    """Whatever is asked for, and by whichever door, the vendor isn't."""
    accounts.limit(models=("triage",))
    before = vendor_figures(accounts)["calls"]
    answer = accounts.post(path, **more)
    assert answer.status_code in (400, 401, 403, 404), answer.text
    assert vendor_figures(accounts)["calls"] == before


@pytest.mark.parametrize("path", ["/health", "/anthropic/v1/messages", "/spend/logs"])
async def test_a_key_opens_no_door_that_is_not_counted(accounts: Accounts, path: str) -> None:
    """The proxy's health check, for one, asks every model."""
    before = vendor_figures(accounts)["calls"]
    answer = accounts.get(path)
    assert answer.status_code == 403
    assert "An agent's key doesn't open" in answer.text
    assert vendor_figures(accounts)["calls"] == before


BATCHES = "/anthropic/v1/messages/batches"


async def results_of(accounts: Accounts, batch: str) -> str:
    """Once the stand-in is through with it, after two seconds."""
    for _ in range(60):
        told = accounts.get(f"{BATCHES}/{batch}/results")
        if told.status_code == 200:
            return told.text
        await asyncio.sleep(0.1)
    raise AssertionError(told.text)


async def test_a_batch_is_held_and_then_counted_with_what_it_used(accounts: Accounts) -> None:
    """Its submission is a call for nothing, each request one at half the price; looking at it is none."""
    sent = accounts.post(BATCHES, **A_BATCH)
    assert sent.status_code == 200, sent.text
    for _ in range(2):
        assert accounts.get(f"{BATCHES}/{sent.json()['id']}").status_code == 200
    held = {call.role: call.outcome for call in accounts.seen()}
    assert held["claude-haiku-5-5"] == "begun"
    told = [await results_of(accounts, sent.json()["id"]) for _ in range(2)]
    calls = {call.role: call for call in await accounts.calls(at_least=2)}
    assert len(accounts.seen()) == 2
    usage = json.loads(told[0])["result"]["message"]["usage"]
    one, alone = calls["claude-haiku-5-5"], await accounts.ask()
    assert (one.call_id, one.outcome, one.output_tokens) == ("batch/1", "answered", usage["output_tokens"])
    assert alone.rates is not None
    assert one.cost_usd == pytest.approx(
        (usage["input_tokens"] * alone.rates.input + usage["output_tokens"] * alone.rates.output) / 2
    )
    assert calls[""].cost_usd == 0.0


async def test_a_request_without_an_answer_costs_nothing(accounts: Accounts) -> None:
    """It expired at the vendor."""
    accounts.proxy.fault(mode="expire", where="in-batch", times=1)
    await results_of(accounts, accounts.post(BATCHES, **A_BATCH).json()["id"])
    assert {call.role: call.outcome for call in await accounts.calls(at_least=2)} == {
        "": "answered",
        "claude-haiku-5-5": "failed",
    }
    assert today(accounts) == 0


async def test_a_batch_whose_taking_nobody_heard_is_held(accounts: Accounts) -> None:
    """The vendor has it and said 500; read by its name from the vendor's list it is counted."""
    accounts.proxy.fault(mode="fail", where="after-batch", status=500, times=1)
    assert accounts.post(BATCHES, **A_BATCH).status_code == 500
    await asyncio.sleep(0.5)
    assert {call.role: call.outcome for call in accounts.seen()} == {"": "failed", "claude-haiku-5-5": "begun"}
    newest = accounts.get(f"{BATCHES}?limit=1").json()["data"][0]["id"]
    await results_of(accounts, newest)
    assert {call.role: call.outcome for call in await accounts.calls(at_least=2)}["claude-haiku-5-5"] == "answered"


@pytest.mark.parametrize(("limits", "status"), [({"daily": 1}, 402), ({"models": ["orchestrator"]}, 403)])
async def test_a_limit_stops_a_batch_and_no_look_at_one(accounts: Accounts, limits: Any, status: int) -> None:
    """Where the money is spent, or only some models are allowed; what was sent is paid, and can be had."""
    await accounts.ask()
    sent = accounts.post(BATCHES, **A_BATCH).json()["id"]
    await results_of(accounts, sent)
    await accounts.calls(at_least=3)
    accounts.limit(**limits)
    assert accounts.post(BATCHES, **A_BATCH).status_code == status
    assert accounts.get(f"{BATCHES}/{sent}").status_code == 200


async def test_an_allow_list_lets_the_batch_of_its_role_through(accounts: Accounts) -> None:
    """A batch names models: that of a role which is allowed may be asked, and no other."""
    accounts.limit(models=("triage",))
    assert accounts.post(BATCHES, **A_BATCH).status_code == 200
    params = {**BODY, "model": "claude-sonnet-5-5"}
    both = [*A_BATCH["requests"], {"custom_id": "2", "params": params}]
    refused = accounts.post(BATCHES, requests=both)
    assert refused.status_code == 403
    assert f"{accounts.agent} may not ask for claude-sonnet-5-5" in refused.text


@pytest.mark.parametrize(
    ("requests", "status"),
    [
        ([{"custom_id": "1", "params": {**BODY, "model": "claude-nobody-knows"}}], 403),
        ([{"custom_id": "1", "params": {**BODY, "model": ["claude-haiku-5-5"]}}], 400),
        ([{"custom_id": "1"}], 400),
        ([], 400),
        ("all", 400),
    ],
    ids=str,
)
async def test_a_batch_that_cannot_be_counted_is_not_sent(accounts: Accounts, requests: Any, status: int) -> None:
    """A model without a price here, or what isn't a batch's request."""
    assert accounts.post(BATCHES, requests=requests).status_code == status
    assert accounts.seen() == []


async def test_a_revoked_key_is_a_lasting_401(accounts: Accounts) -> None:
    """From the next call on; the text says when and by whom."""
    await accounts.ask()
    with accounts.book.entries() as entries:
        revoke(entries, accounts.key.id, "claire")
    failure = await accounts.refused()
    assert (failure.kind, failure.status) == ("permanent", 401)
    assert f"{accounts.key.id}, was revoked on 20" in failure.message
    assert "by claire" in failure.message


async def test_a_rotated_key_works_until_its_overlap_ends(accounts: Accounts) -> None:
    """Then it is a lasting 401, and the text says that it was replaced."""
    with accounts.book.entries() as entries:
        rotate(entries, accounts.agent, "claire", 3600)
    await accounts.ask()
    with accounts.book.entries() as entries:
        rotate(entries, accounts.agent, "claire", 0)
    failure = await accounts.refused()
    assert (failure.kind, failure.status) == ("permanent", 401)
    assert f"{accounts.key.id}, was replaced, and ended on 20" in failure.message


async def test_both_keys_of_a_rotation_spend_from_one_purse(accounts: Accounts) -> None:
    """A limit is the agent's, and isn't reset by a new key."""
    await accounts.ask()
    await accounts.calls()
    accounts.limit(daily=1)
    with accounts.book.entries() as entries:
        _, accounts.headers["x-api-key"] = rotate(entries, accounts.agent, "claire", 3600)
    assert accounts.post().status_code == 402


async def test_a_stream_is_counted(accounts: Accounts) -> None:
    """Like the same call without one."""
    client = anthropic.AsyncAnthropic(base_url=accounts.proxy.url, api_key=accounts.text, max_retries=0)
    async with client.messages.stream(
        model="triage", max_tokens=200, messages=[{"role": "user", "content": "An offer?"}]
    ) as stream:
        message = await stream.get_final_message()
    await client.close()
    (call,) = await accounts.calls()
    assert (call.outcome, call.input_tokens) == ("answered", message.usage.input_tokens)
    assert call.output_tokens == message.usage.output_tokens
    assert call.cost_usd > 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
async def test_a_call_whose_client_left_is_counted(accounts: Accounts, path: str, stream: bool) -> None:
    """It was asked and is paid for, whoever waits for its answer."""
    before = vendor_figures(accounts)["tokens"]
    accounts.proxy.fault(mode="slow", delay_ms=1000, times=1)
    await asked_and_left(accounts, path, stream=stream)
    (call,) = await accounts.calls()
    after = vendor_figures(accounts)["tokens"]
    assert call.outcome == "answered"
    assert {name: getattr(call, name) for name in TOKENS} == {
        ours: after[theirs] - before[theirs] for ours, theirs in TOKENS.items()
    }


async def test_a_stream_that_its_client_left_in_the_middle_is_counted(accounts: Accounts) -> None:
    """To its end, as the vendor does."""
    before = vendor_figures(accounts)["tokens"]["output_tokens"]
    url, body = f"{accounts.proxy.url}/v1/messages", {**BODY, "stream": True}
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", url, json=body, headers=accounts.headers) as answer,
    ):
        async for _ in answer.aiter_lines():
            break
    (call,) = await accounts.calls()
    assert call.outcome == "answered"
    assert call.output_tokens == vendor_figures(accounts)["tokens"]["output_tokens"] - before > 0


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
@pytest.mark.parametrize("more", [{"no-log": True}, {"metadata": {"user_id": "somebody"}}, {"stream": True}], ids=str)
async def test_nobody_can_ask_not_to_be_counted(accounts: Accounts, path: str, more: dict[str, Any]) -> None:
    """LiteLLM has a word for that, which is off here."""
    accounts.headers["x-litellm-disable-callbacks"] = "fence,Fence,custom_callback_api"
    answer = accounts.post(path, **more)
    assert answer.status_code == 200, answer.text
    (call,) = await accounts.calls()
    assert call.outcome == "answered"
    assert call.cost_usd > 0


async def test_a_call_that_fails_costs_nothing(accounts: Accounts) -> None:
    """And holds nothing back."""
    accounts.proxy.fault(mode="fail", status=529, times=1)
    await accounts.refused()
    (call,) = await accounts.calls()
    assert (call.outcome, call.cost_usd) == ("failed", 0)
    assert today(accounts) == 0


async def test_a_standbys_answer_has_the_standbys_price(accounts: Accounts) -> None:
    """One call, in the name of who answered it."""
    accounts.proxy.fault(mode="fail", status=529, times=1, model="claude-sonnet-5-5")
    answer = await accounts.ask("orchestrator")
    (call,) = await accounts.calls()
    assert (call.role, call.model, call.cost_usd) == ("orchestrator", "claude-sonnet-4-6", answer.cost_usd)


async def test_the_operators_calls_are_counted_in_the_operators_name(accounts: Accounts) -> None:
    """Theirs are the farm's money, too."""
    accounts.headers["x-api-key"], accounts.agent = "sk-of-the-operator", "operator"
    before = today(accounts), today(accounts, FARM)
    assert accounts.post().status_code == 200
    await accounts.calls()
    paid = today(accounts) - before[0]
    assert today(accounts, FARM) - before[1] == paid > 0
    accounts.limit(FARM, daily=1)
    assert accounts.post().status_code == 402


async def test_the_book_and_the_vendor_agree_on_every_token(accounts: Accounts) -> None:
    """Forty calls at once, streams and calls of clients that left among them."""
    before = vendor_figures(accounts)["tokens"]
    accounts.proxy.fault(mode="slow", delay_ms=300, times=40)
    await asyncio.gather(
        *(accounts.ask(said=f"Offer {number}?") for number in range(20)),
        *(asyncio.to_thread(accounts.post, stream=True) for _ in range(15)),
        *(asked_and_left(accounts) for _ in range(5)),
    )
    calls = await accounts.calls(at_least=40)
    after = vendor_figures(accounts)["tokens"]
    assert {name: sum(getattr(call, name) for call in calls) for name in TOKENS} == {
        ours: after[theirs] - before[theirs] for ours, theirs in TOKENS.items()
    }
    assert today(accounts) == sum(picodollars(call.cost_usd) for call in calls) < DOLLAR

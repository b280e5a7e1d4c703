"""A single answer is priced once, by the gateway, and LiteLLM isn't asked to do it as well."""

import asyncio
import json
import subprocess

import httpx
import pytest

from gateway.prices.money import picodollars
from tests.integration.gateway.accounts import Accounts
from tests.integration.processes import ROOT, environment_python

pytestmark = pytest.mark.stack

COST = "x-litellm-response-cost"
BY_LITELLM = "x-litellm-response-cost-original"
"""A header that is there only where LiteLLM has worked out a cost itself."""

OPINIONS = 100

LOOK = """
import asyncio, json
from types import SimpleNamespace
from gateway.proxy.answered import OPINIONS, Answered
from gateway.proxy.followed import Request, followed

USAGE = {"input_tokens": 1000, "output_tokens": 100}
MESSAGES = SimpleNamespace(value="anthropic_messages")


class Reckoning:
    def __init__(self, free=True):
        self.free, self.model_call_details = free, {}

    def claim_async_success_log(self):
        free, self.free = self.free, False
        return free


async def of(answer, usage=USAGE, model="anthropic/claude-haiku-5-5", call_type=MESSAGES, free=True, **more):
    request, its = Request(1), Reckoning(free)
    followed.set(request)
    data = {"model": model, "litellm_logging_obj": its, **more}
    await answer.async_post_call_success_deployment_hook(data, {"usage": usage}, call_type)
    noted = request.says and request.says.output_tokens
    return [noted, bool(request.looked_at), "response_cost" in its.model_call_details, free and not its.free]


async def main():
    answer = Answered()
    print(json.dumps({
        "plain": await of(answer),
        "stream": await of(answer, stream=True),
        "chat": await of(answer, call_type=SimpleNamespace(value="acompletion")),
        "tool": await of(answer, usage={**USAGE, "server_tool_use": {"web_search_requests": 1}}),
        "no price": await of(answer, model="anthropic/of-our-own"),
        "asked by another protocol": await of(answer, free=False),
        "opinions": [
            number for number in range(3, 2 * OPINIONS + 1) if (await of(answer))[1]
        ],
    }))


asyncio.run(main())
"""


def in_the_gateways_environment(script: str) -> subprocess.CompletedProcess[str]:
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONPATH": str(ROOT)}
    python = environment_python("gateway")
    done = subprocess.run([python, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def test_what_cannot_be_read_from_the_answer_is_left_to_litellm() -> None:
    """What is noted, whether LiteLLM gives an opinion, has the cost told to it, and makes no event of its own."""
    done = in_the_gateways_environment(LOOK)
    left = [None, False, False, False]
    assert json.loads(done.stdout) == {
        "plain": [100, False, True, True],
        "stream": left,
        "chat": left,
        "tool": left,
        "no price": left,
        "asked by another protocol": left,
        "opinions": [OPINIONS, 2 * OPINIONS],
    }


DIFFER = """
import asyncio, logging
from gateway.accounts.spend import Paid
from gateway.proxy.fence import Fence
from gateway.proxy.followed import Request, followed

fence = Fence(None)
fence._settle = print
ours = Paid("claude-haiku-5-5", 4_000_000, 0, 0, 0, 0)
logging.basicConfig(format="%(message)s")
for theirs in (0.000004, 0.000005):
    followed.set(Request(1, entered="a call", looked_at=ours))
    told = {"model": "claude-haiku-5-5", "response_cost": theirs}
    asyncio.run(fence.async_log_success_event(told, None, None, None))
"""


@pytest.mark.slow
def test_two_opinions_that_differ_are_told_in_the_log() -> None:
    """And LiteLLM's is the one that is entered, so that the two books differ as well."""
    done = in_the_gateways_environment(DIFFER)
    said = [line for line in done.stderr.splitlines() if "differ" in line]
    assert said == [
        "LiteLLM and our own price list differ over an answer of claude-haiku-5-5: cost 4000000, and LiteLLM 5000000"
    ]
    assert [line for line in done.stdout.splitlines() if line.startswith("a call")][1].count("cost=5000000,") == 1


async def test_litellm_works_out_no_cost_of_its_own(accounts: Accounts) -> None:
    """For a single answer. The header and the book have it all the same, and agree."""
    answers = [accounts.post(), accounts.post()]
    assert sum(BY_LITELLM in answer.headers for answer in answers) < len(answers)  # one of the two may be looked at
    calls = await accounts.calls(at_least=2)
    assert (
        [picodollars(call.cost_usd) for call in calls]
        == [picodollars(float(answer.headers[COST])) for answer in answers]
        != [0, 0]
    )


async def test_chat_completions_are_counted_as_litellm_says(accounts: Accounts) -> None:
    """Their answers have another form."""
    answer = accounts.post("/v1/chat/completions")
    assert BY_LITELLM in answer.headers
    (call,) = await accounts.calls()
    assert call.cost_usd == pytest.approx(float(answer.headers[COST]))


async def test_of_so_many_answers_litellm_prices_one_as_well(accounts: Accounts) -> None:
    """And says the same: each is in the book once, at one price."""
    at_once = asyncio.Semaphore(8)

    async def ask() -> httpx.Response:
        async with at_once:
            return await asyncio.to_thread(accounts.post)

    answers = await asyncio.gather(*(ask() for _ in range(OPINIONS)))
    assert [answer.status_code for answer in answers] == [200] * OPINIONS
    assert sum(BY_LITELLM in answer.headers for answer in answers) == 1
    calls = await accounts.calls(at_least=OPINIONS)
    assert len(calls) == OPINIONS
    assert len({picodollars(call.cost_usd) for call in calls}) == 1

"""The book over a proxy's end: by SIGTERM, and by SIGKILL in the middle of calls."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from gateway.accounts.book import Book
from gateway.accounts.spend import LAPSE_S, count_the_lost, spent
from gateway.calls.failures import GatewayError
from gateway.prices.money import picodollars
from tests.integration.gateway.accounts import Accounts
from tests.integration.model_gateway import ModelGateway
from tests.integration.processes import PYTHON, environment_python, free_port, started

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@contextmanager
def proxy(folder: Path, vendor: str) -> Iterator[tuple[Popen[bytes], ModelGateway]]:
    port = free_port()
    env = {
        "FARM_PORT": str(port),
        "FARM_GATEWAY_STORE_URL": f"sqlite:///{folder / 'gateway.db'}",
        "ANTHROPIC_BASE_URL": vendor,
        "ANTHROPIC_API_KEY": "sandbox",
        "LITELLM_MASTER_KEY": "sk-of-the-operator",
    }
    argv, url = [environment_python("gateway"), "-m", "gateway.serve"], f"http://127.0.0.1:{port}"
    with started(argv, env, ready=f"{url}/health/liveliness", log=folder / "gateway.log") as process:
        yield process, ModelGateway(url, vendor)


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [PYTHON, "-m", "sandbox.model"]
    with started(argv, {"FARM_PORT": str(port)}, ready=f"{url}/healthz", log=tmp_path / "model.log"):
        yield url


async def test_what_was_answered_is_in_the_book_after_a_restart(tmp_path: Path, vendor: str) -> None:
    """Ended right after the answers; and the limits are those of before."""
    with proxy(tmp_path, vendor) as (process, gateway):
        accounts = Accounts(gateway, Book(f"sqlite:///{tmp_path / 'gateway.db'}"))
        answers = await asyncio.gather(*(accounts.ask(said=f"Offer {number}?") for number in range(12)))
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
    calls = await accounts.calls(at_least=12)
    assert sorted(call.cost_usd for call in calls) == sorted(answer.cost_usd for answer in answers)
    accounts.limit(daily=picodollars(sum(answer.cost_usd for answer in answers)))
    with proxy(tmp_path, vendor) as (_, again):
        accounts.client = type(accounts.client)(again.url, accounts.text)
        assert (await accounts.refused()).kind == "budget"


async def test_calls_of_a_killed_proxy_count_with_the_most_they_can_have_cost(tmp_path: Path, vendor: str) -> None:
    """Nobody saw their end, and somebody may have paid for them."""
    with proxy(tmp_path, vendor) as (process, gateway):
        accounts = Accounts(gateway, Book(f"sqlite:///{tmp_path / 'gateway.db'}"))
        paid = (await accounts.ask()).cost_usd
        await accounts.calls()
        gateway.fault(mode="slow", delay_ms=20_000)
        asked = [asyncio.create_task(accounts.ask()) for _ in range(3)]
        await asyncio.sleep(1)
        process.kill()
        for ended in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(ended, GatewayError)
            assert ended.failure.kind == "passing"
        gateway.mend()
    with accounts.book.entries() as entries:
        now = entries.now()
        before = spent(entries, now, accounts.agent)
        assert (before.today, before.under_way) == (picodollars(paid), 3)
        count_the_lost(entries, now + LAPSE_S + 1)
        after = spent(entries, now, accounts.agent)
        assert (after.today, after.under_way) == (before.today + before.held, 0)
        assert before.held > 3 * picodollars(paid)
    calls = await accounts.calls(at_least=4)
    assert [call.outcome for call in calls] == ["answered", "lost", "lost", "lost"]

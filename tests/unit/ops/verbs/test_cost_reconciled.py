"""`./farm cost --reconcile`: the ledger beside the gateway's own book, both real."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.calls import CallSite, ModelCall, ModelReply
from gateway.accounts.book import Book
from gateway.accounts.spend import Asked, Paid, begin, settle
from gateway.prices.money import picodollars
from store.database import Database
from store.model_calls import Bill, ModelCalls
from tests.unit.ops.verbs.conftest import Records

RUN = "sales:deal:42/run-1"


@pytest.fixture
def book(on_record: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    monkeypatch.setenv("FARM_GATEWAY_STORE_URL", url)
    monkeypatch.delenv("FARM_GATEWAY_STORE_URL_FILE", raising=False)
    opened = Book(url)
    yield opened
    opened.close()


def paid(book: Book, step: str, usd: float, *, role: str = "triage", settled: bool = True) -> None:
    asked = Asked(
        id=step, call_id=f"{RUN}/{step}", key_id="k", agent="sales", role=role, model="m",
        reserved=picodollars(9), input_tokens=9,
    )  # fmt: skip
    with book.entries() as entries:
        begin(entries, asked, time.time())
        if settled:
            settle(entries, step, Paid("m", picodollars(usd), 9, 1, 0, 0))


def recorded(on_record: Records, step: str, usd: float, **bill: bool) -> None:
    async def record(db: Database) -> None:
        call = ModelCall(site=CallSite(run=RUN, step=step), role="triage", prompt="p")
        reply, now = ModelReply(head=step, cost_usd=usd), datetime.now(UTC)
        await ModelCalls(db).record(call, reply, asked="m", latency_s=1, at=now, bill=Bill(**bill))

    on_record.do(record)


def test_two_books_that_agree_say_so(on_record: Records, book: Book) -> None:
    """A call under way is in neither, and one answered from an earlier call was asked of nobody."""
    for step, usd in (("triage-1", 0.25), ("learn-1", 0.5)):
        paid(book, step, usd)
        recorded(on_record, step, usd)
    paid(book, "learn-2", 0.1, settled=False)
    recorded(on_record, "learn-3", 0.0, cached=True)
    result = on_record.farm("cost", "--reconcile")
    assert (result.exit_code, "They agree" in result.stdout) == (0, True), result.stdout
    assert "the ledger has 2 calls at $0.7500, the gateway's book 2 calls at $0.7500" in result.stdout


def test_a_call_that_is_in_no_runs_record_is_named(on_record: Records, book: Book) -> None:
    """Paid, and lost with its worker: exit code 1, and which call it was."""
    paid(book, "triage-1", 0.25)
    paid(book, "learn-1", 0.5)
    recorded(on_record, "triage-1", 0.25)
    result = on_record.farm("cost", "--reconcile", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(each["ledger_calls"], each["proxy_calls"]) for each in told["differences"]] == [(1, 2)]
    assert [(each["call_id"], each["cost_usd"]) for each in told["only_the_proxy"]] == [(f"{RUN}/learn-1", 0.5)]
    assert f"only the gateway knows {RUN}/learn-1" in on_record.farm("cost", "--reconcile").stdout


def test_what_went_in_a_batch_is_told_apart(on_record: Records, book: Book) -> None:
    """The gateway saw a batch sent, for nothing; what its calls came to the ledger alone knows."""
    paid(book, "triage-1", 0.25)
    recorded(on_record, "triage-1", 0.25)
    paid(book, "sent", 0.0, role="")
    recorded(on_record, "learn-1", 0.5, batch=True)
    result = on_record.farm("cost", "--reconcile")
    assert (result.exit_code, "They agree" in result.stdout) == (0, True), result.stdout
    assert "the ledger alone has 1 call in batches at $0.5000" in result.stdout

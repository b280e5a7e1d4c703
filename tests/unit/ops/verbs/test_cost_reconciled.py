"""`./farm cost --reconcile`: the ledger beside the gateway's own book, both real."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.batches import BatchOrder, BatchWish
from contracts.calls import CallSite, ModelCall, ModelReply
from gateway.accounts.book import Book
from gateway.accounts.spend import Asked, Paid, begin, break_off, settle
from gateway.prices.money import picodollars
from store.batches import Batches
from store.database import Database
from store.model_calls import Bill, ModelCalls
from store.transcripts import Transcripts
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


def paid(book: Book, step: str, usd: float, *, role: str = "triage", settled: bool = True, call_id: str = "") -> None:
    asked = Asked(
        id=step, call_id=call_id or f"{RUN}/{step}", key_id="k", agent="sales", role=role, model="m",
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


def test_what_broke_off_is_named_and_is_no_difference(on_record: Records, book: Book) -> None:
    """Tried again, the call was answered and is in both; what the first try came to stands beside them."""
    paid(book, "first", 0.125, settled=False, call_id=f"{RUN}/triage-1")
    with book.entries() as entries:
        break_off(entries, "first", Paid("m", picodollars(0.125), 9, 1, 0, 0))
    paid(book, "triage-1", 0.25)
    recorded(on_record, "triage-1", 0.25)
    result = on_record.farm("cost", "--reconcile")
    assert (result.exit_code, "They agree" in result.stdout) == (0, True), result.stdout
    assert "the gateway's book 1 call at $0.2500" in result.stdout
    assert "Beside them the book has 1 call whose answer broke off, at $0.1250" in result.stdout
    (told,) = json.loads(on_record.farm("cost", "--reconcile", "--json").stdout)["broken"]
    assert (told["call_id"], told["outcome"], told["cost_usd"]) == (f"{RUN}/triage-1", "broken", 0.125)


def asked_by_batch(on_record: Records, step: str, name: str) -> None:
    """A request under the name by which a vendor was asked."""

    async def ask(db: Database) -> None:
        batches, now = Batches(db, Transcripts(db)), datetime.now(UTC)
        call = ModelCall(site=CallSite(run=RUN, step=step), role="insight", prompt="p")
        await batches.ask(BatchWish(call=call, told="x"), now)
        await batches.gather(BatchOrder(agent="sales", token=name.rpartition("-")[0], most=1), now)

    on_record.do(ask)


def test_what_went_in_a_batch_is_in_both(on_record: Records, book: Book) -> None:
    """Its submission is a call for nothing, in neither sum; each of its requests is one of the ledger's calls."""
    paid(book, "triage-1", 0.25)
    recorded(on_record, "triage-1", 0.25)
    paid(book, "sent", 0.0, role="")
    paid(book, "b1", 0.5, call_id="batch/t1-0")
    asked_by_batch(on_record, "learn-1", "t1-0")
    recorded(on_record, "learn-1", 0.5, batch=True)
    result = on_record.farm("cost", "--reconcile")
    assert (result.exit_code, "They agree" in result.stdout) == (0, True), result.stdout
    assert "the ledger has 2 calls at $0.7500, the gateway's book 2 calls at $0.7500" in result.stdout
    assert "Of the ledger's, 1 call went in batches, at $0.5000" in result.stdout


def test_a_result_that_is_in_no_runs_record_is_named(on_record: Records, book: Book) -> None:
    """By the name under which the vendor was asked; and the one that is in a run's record isn't."""
    for number in (0, 1):
        paid(book, f"b{number}", 0.5, call_id=f"batch/t1-{number}")
    asked_by_batch(on_record, "learn-1", "t1-0")
    recorded(on_record, "learn-1", 0.5, batch=True)
    result = on_record.farm("cost", "--reconcile", "--json")
    assert result.exit_code == 1
    assert [each["call_id"] for each in json.loads(result.stdout)["only_the_proxy"]] == ["batch/t1-1"]

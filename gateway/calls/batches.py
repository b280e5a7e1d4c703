"""The vendor's message batches, by the gateway's pass-through: half the price, and up to a day.

The pass-through knows no roles and counts no cost. So which model plays a role, and what it costs, is read from the
gateway's own list (`/model/info`), and the rest is done here.
"""

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from contracts.calls import Usage
from contracts.prices import Rates
from gateway.calls.call import Answer, Block, Call
from gateway.calls.client import COST, PRICED_AS, Gateway, answer_of, usage_of
from gateway.calls.failures import GatewayError, classify
from gateway.calls.request import parameters
from gateway.prices.price_list import PriceList

log = logging.getLogger(__name__)

VENDOR = "anthropic/"
"""How the models of the vendor whose batches these are begin in the gateway's list."""

HALF = 0.5
LIST = "the gateway's list"
"""Where the price of a batch's answer stands, in the name of its version."""

LIST_IS_GOOD_FOR_S = 60.0
LIST_TIMEOUT_S = 5.0
SUBMITTED_WITHIN_S = 120.0
PAGE = 100


@dataclass(frozen=True)
class Hosted:
    """A model whose vendor takes batches, with what a token of it costs in one, in US dollars."""

    model: str
    input: float
    output: float
    cache_read: float
    cache_write: float
    rates: Mapping[str, Any] = field(default_factory=dict)
    """What they cost by themselves, and which share of it in a batch (`contracts.prices.Rates`). Empty where no one
    share says that.
    """

    def cost(self, usage: Usage) -> float:
        return (
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + usage.cache_write_tokens * self.cache_write
        )


@dataclass(frozen=True)
class AtVendor:
    """A batch as the vendor tells of it."""

    id: str
    requests: int
    over: bool
    ended_at: datetime | None


@dataclass(frozen=True)
class Result:
    """What became of one request. Without an answer: why."""

    custom_id: str
    message: Message | None = None
    reason: str = ""


class VendorBatches:
    """One agent's access, by its gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._by_role = gateway.by_role
        self._gateway = gateway.client
        self._guard = gateway.guard
        self._vendor = self._gateway.with_options(base_url=f"{str(self._gateway.base_url).rstrip('/')}/anthropic")
        self._hosted: Mapping[str, Hosted] = {}
        self._listed_at = float("-inf")

    async def hosted(self) -> Mapping[str, Hosted]:
        """Role -> its model, of the roles whose vendor takes batches. Known for a minute. Raises `GatewayError`."""
        if time.monotonic() - self._listed_at > LIST_IS_GOOD_FOR_S:
            with _told():
                listed = await self._gateway.get(
                    "/model/info", cast_to=httpx2.Response, options={"timeout": LIST_TIMEOUT_S}
                )
            self._hosted, self._listed_at = hosted(listed.json()["data"]), time.monotonic()
        return self._hosted

    async def roles(self) -> Sequence[str]:
        """The roles whose vendor takes batches. None where the gateway doesn't tell: whoever asks can do without."""
        try:
            return sorted(await self.hosted())
        except GatewayError as error:
            log.warning("which roles can be asked in batches isn't known: %s", error)
            return ()

    def ready(self, call: Call, model: str) -> Block:
        """The parameters of a call as a batch takes them, guarded. Raises `GatewayError` where it is too big."""
        return dict(self._guard.outgoing(in_batch(self._by_role(call), model), call).asked)

    def answer(self, call: Call, message: Message, model: Hosted, latency_s: float) -> Answer:
        """The answer of a batch to this call as any other's, at the price of a batch."""
        outgoing = self._guard.outgoing(in_batch(call, model.model), call, again=True)
        return outgoing.heard(answer(message, model, latency_s))

    async def create(self, token: str, requests: Mapping[str, Block]) -> AtVendor:
        """Submit requests: custom id -> the parameters of each. Raises `GatewayError`."""
        asked: Any = [{"custom_id": name, "params": params} for name, params in requests.items()]
        with _told():
            batch = await self._vendor.messages.batches.create(
                requests=asked,
                extra_headers={"x-litellm-call-id": f"batch/{token}"},
                timeout=SUBMITTED_WITHIN_S,
            )
        return _at_vendor(batch)

    async def get(self, vendor_id: str) -> AtVendor:
        """Raises `GatewayError`."""
        with _told():
            return _at_vendor(await self._vendor.messages.batches.retrieve(vendor_id))

    async def since(self, moment: datetime) -> Sequence[AtVendor]:
        """All batches that the vendor took in since then, whoever's they are. Raises `GatewayError`."""
        found: list[AtVendor] = []
        with _told():
            async for batch in self._vendor.messages.batches.list(limit=PAGE):  # the newest first
                if batch.created_at < moment:
                    break
                found.append(_at_vendor(batch))
        return found

    async def results(self, vendor_id: str) -> AsyncIterator[Result]:
        """One for each request of a batch that is over, in any order. Raises `GatewayError`."""
        # The address that the vendor names for them is its own, which goes past the gateway and its key.
        with _told():
            path = f"/v1/messages/batches/{vendor_id}/results"
            told = await self._vendor.get(path, cast_to=httpx2.Response)
        for line in told.text.splitlines():
            if line.strip():
                yield _result(line)


def hosted(listed: Sequence[Mapping[str, Any]]) -> dict[str, Hosted]:
    """Role -> its model, from the gateway's list. A role that isn't the vendor's in all its places is left out."""
    found: dict[str, Hosted] = {}
    elsewhere: set[str] = set()
    for each in listed:
        role, model = each["model_name"], each["litellm_params"]["model"]
        if not model.startswith(VENDOR):
            elsewhere.add(role)
        else:
            found.setdefault(role, _priced(model.removeprefix(VENDOR), each.get("model_info") or {}))
    return {role: model for role, model in found.items() if role not in elsewhere}


def in_batch(call: Call, model: str) -> Block:
    """The parameters of a call as a batch takes them: the vendor's model, no headers, no cache breakpoints.

    A breakpoint is paid for with a quarter more, and what is answered within a day is seldom read from the cache.
    """
    params = {name: value for name, value in parameters(call).items() if name != "extra_headers"}
    whole: Block = _without_breakpoints({**params, "model": model})
    return whole


def _without_breakpoints(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_breakpoints(each) for name, each in value.items() if name != "cache_control"}
    if isinstance(value, list | tuple):
        return [_without_breakpoints(each) for each in value]
    return value


def _priced(model: str, info: Mapping[str, Any]) -> Hosted:
    def half(name: str) -> float:
        listed = info.get(f"{name}_batches")
        return float(listed if listed is not None else (info.get(name) or 0.0) * HALF)

    priced = {name: half(name) for name in (*_LISTED, *_CACHED)}
    return Hosted(
        model=model,
        input=priced["input_cost_per_token"],
        output=priced["output_cost_per_token"],
        cache_read=priced["cache_read_input_token_cost"],
        cache_write=priced["cache_creation_input_token_cost"],
        rates=_rates(model, info, priced),
    )


_LISTED = ("input_cost_per_token", "output_cost_per_token")
_CACHED = ("cache_read_input_token_cost", "cache_creation_input_token_cost")


def _rates(model: str, info: Mapping[str, Any], priced: Mapping[str, float]) -> Mapping[str, Any]:
    """The list's price as answers tell theirs, where all of it falls by one share in a batch."""
    shares = {round(priced[name] / info[name], 9) for name in _LISTED if info.get(name)}
    if len(shares) != 1:
        return {}
    told = {**info, f"{_LISTED[0]}_batches": priced[_LISTED[0]]}
    return PriceList((), {model: told}, LIST).rates(model, datetime.now(UTC).date()) or {}


def _at_vendor(batch: MessageBatch) -> AtVendor:
    counts = batch.request_counts
    requests = counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
    return AtVendor(batch.id, requests, batch.processing_status == "ended", batch.ended_at)


def _result(line: str) -> Result:
    told = MessageBatchIndividualResponse.model_validate_json(line)
    result = told.result
    if result.type == "succeeded":
        return Result(told.custom_id, message=result.message)
    if result.type == "errored":
        error = result.error.error
        return Result(told.custom_id, reason=f"{error.type}: {error.message}"[:300])
    return Result(told.custom_id, reason=f"{result.type} at the vendor")


def answer(message: Message, model: Hosted, latency_s: float) -> Answer:
    """The answer of a batch as any other's, at the price of a batch."""
    cost = model.cost(usage_of(message))
    told = {COST: repr(cost), PRICED_AS: model.model}
    if not model.rates:
        return answer_of(message, told, latency_s)
    rates = Rates.model_validate(dict(model.rates))
    said = answer_of(message, told, latency_s)
    written_1h = said.cache_write_1h_tokens
    return said.model_copy(update={"rates": rates, "cost_usd": rates.cost(said.usage, written_1h, batch=True)})


@contextmanager
def _told() -> Iterator[None]:
    """The client's errors as the gateway's."""
    try:
        yield
    except anthropic.APIStatusError as error:
        status, body, headers = error.status_code, error.response.text, error.response.headers
        raise GatewayError(classify(status, body, headers, datetime.now(UTC))) from error
    except anthropic.APIConnectionError as error:
        told = f"{type(error).__name__}: {error.__cause__ or error}"
        raise GatewayError(classify(None, told, {}, datetime.now(UTC))) from error

"""The activities' way to a model: Anthropic's client, pointed at the gateway, with no retries of its own."""

import json
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import anthropic
import httpx2
from anthropic.types import Message, TextBlock, ToolUseBlock

from contracts.calls import ToolUse, Usage
from contracts.failures import Failure
from contracts.guards import Guards
from contracts.prices import Rates
from gateway.calls.call import Answer, Call
from gateway.calls.failures import GatewayError, classify
from gateway.calls.listening import UNDER_WAY, Listening
from gateway.calls.request import header_hash, parameters, request_hash
from gateway.calls.well_formed import well_formed
from gateway.guards.guard import TAKEN_OUT, Guard
from gateway.models.roles import Role
from telemetry.llm import note_answer

log = logging.getLogger(__name__)

LONGEST_ANSWER_S = 375
"""A little more than a call may wait at the gateway, and the gateway for the vendor, together: so the gateway's own
error is the one that arrives.
"""


DEFAULT_GUARDS = Guards()
COST = "x-litellm-response-cost"
PRICED_AS = "x-litellm-model-name"


class Gateway:
    """One agent's access to the models, by its key."""

    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        roles: Mapping[str, Role] = MappingProxyType({}),
        guards: Guards = DEFAULT_GUARDS,
    ) -> None:
        """`url` without path, `http://127.0.0.1:4000`. `transport` stands in for the network in tests.

        `roles`: how each is asked; one that isn't there as the call says. `guards`: what the agent declares of them.
        """
        self._roles = roles
        self.guard = Guard(guards)
        self._client = anthropic.AsyncAnthropic(
            base_url=url,
            api_key=key,
            max_retries=0,
            open_telemetry=False,  # the LLM span comes from telemetry.setup, and once
            timeout=LONGEST_ANSWER_S,
            http_client=anthropic.DefaultAsyncHttpxClient(
                transport=transport, event_hooks={"response": [_note_on_span]}
            ),
        )

        self.listening = Listening(self._client)

    @property
    def client(self) -> anthropic.AsyncAnthropic:
        """For what is asked of the gateway beside a model's answer."""
        return self._client

    async def complete(self, call: Call) -> Answer:
        """The model's answer.

        Raises `GatewayError` with what is known of the failure.
        """
        outgoing = self.guard.outgoing(parameters(self.by_role(call)), call)
        asked = dict(outgoing.asked)
        started = time.monotonic()
        try:
            raw = await self._client.messages.with_raw_response.create(**_as_taken(asked))
            message = await raw.parse()
        except anthropic.APIStatusError as error:
            raise GatewayError(_failure(error.status_code, error.response.text, error.response.headers)) from error
        except anthropic.APIConnectionError as error:
            raise GatewayError(_failure(None, f"{type(error).__name__}: {error.__cause__ or error}", {})) from error
        return outgoing.heard(answer_of(message, raw.headers, time.monotonic() - started, header_hash(asked)))

    def by_role(self, call: Call) -> Call:
        """The call as its role is asked."""
        if (role := self._roles.get(call.role)) is None:
            return call
        its = {
            "max_tokens": min(call.max_tokens, role.max_tokens),
            "thinking_tokens": role.thinking_tokens,
            "cache_ttl": role.cache_ttl,
            "temperature": role.temperature,
        }
        return call.model_copy(update=its)

    def repeatable(self, call: Call) -> str:
        """Hash of what is asked, where the same would be answered again; empty where an answer has some chance."""
        role = self._roles.get(call.role)
        return request_hash(parameters(self.by_role(call))) if role and role.is_deterministic else ""

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()


def _as_taken(asked: Mapping[str, Any]) -> dict[str, Any]:
    """As Anthropic's client takes it: it knows no temperature any more, which other vendors' models do."""
    beside = {name: asked[name] for name in ("temperature",) if name in asked}
    named = {name: value for name, value in asked.items() if name not in beside}
    return {**named, "extra_body": beside} if beside else named


def _failure(status: int | None, body: str, headers: Mapping[str, str]) -> Failure:
    return classify(status, body, headers, datetime.now(UTC))


async def _note_on_span(response: httpx2.Response) -> None:
    if response.request.url.path.endswith(UNDER_WAY):
        return
    sent = response.request.headers
    note_answer(response.headers, sent.get("x-farm-role", ""), taken_out=sent.get(TAKEN_OUT, ""))


def answer_of(message: Message, headers: Mapping[str, str], latency_s: float, header: str = "") -> Answer:
    """`header`: hash of what was sent ahead of the conversation, where its place in a vendor's cache matters."""
    usage, for_an_hour, rates = usage_of(message), _written_for_an_hour(message), _rates(headers)
    return Answer(
        content=tuple(well_formed(block.to_dict()) for block in message.content),
        text=well_formed("".join(block.text for block in message.content if isinstance(block, TextBlock))),
        tool_uses=tuple(_tool_use(block) for block in message.content if isinstance(block, ToolUseBlock)),
        stop_reason=message.stop_reason or "",
        model=headers.get("x-farm-answered-by", message.model),
        priced_as=headers.get(PRICED_AS, message.model).rpartition("/")[2],
        usage=usage,
        cost_usd=rates.cost(usage, for_an_hour) if rates else _cost(headers),
        rates=rates,
        cache_write_1h_tokens=for_an_hour,
        header=header,
        fallback=headers.get("x-litellm-attempted-fallbacks", "0") != "0",
        instead_of=headers.get("x-farm-instead-of", ""),
        latency_s=latency_s,
    )


def _tool_use(block: ToolUseBlock) -> ToolUse:
    arguments: dict[str, Any] = well_formed(dict(block.input))
    return ToolUse(id=block.id, name=block.name, arguments=arguments)


def usage_of(message: Message) -> Usage:
    return Usage(
        input_tokens=message.usage.input_tokens,
        output_tokens=message.usage.output_tokens,
        cache_read_tokens=message.usage.cache_read_input_tokens or 0,
        cache_write_tokens=message.usage.cache_creation_input_tokens or 0,
    )


def _written_for_an_hour(message: Message) -> int:
    split = message.usage.cache_creation
    return split.ephemeral_1h_input_tokens if split else 0


def _rates(headers: Mapping[str, str]) -> Rates | None:
    told = headers.get("x-farm-rates", "")
    return Rates.model_validate(json.loads(told)) if told else None


def _cost(headers: Mapping[str, str]) -> float:
    cost = headers.get(COST, "")
    if cost:
        return float(cost)
    log.warning(
        "no price is known for %s: give it one in gateway/prices.toml",
        headers.get(PRICED_AS, "the model that answered"),
    )
    return 0.0

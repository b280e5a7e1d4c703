"""Whole answers out of streams: a proxy as it is told, and a listener with short patience."""

import asyncio
import json

import pytest

from gateway.door.asked import Asked
from gateway.door.under_way import UnderWay
from gateway.models.patience import Patience
from gateway.proxy.streamed import BROKE_OFF, streamed
from sandbox.model.streaming import encode, events

SAID = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "triage",
    "content": [{"type": "text", "text": "An offer, and a call next week. " * 4}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 20},
}
TOLD = [encode(event).encode() for event in events(SAID)]
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-litellm-model-id", b"abc"),
    (b"x-litellm-response-cost-input", b"0.0"),
]
SHORT = Patience(begin_s=0.15, first_s=0.15, stall_s=0.1)


class Proxy:
    """Tells a stream, a piece at a time. A number in it is a pause; `stream` isn't asked for of it twice."""

    def __init__(self, *pieces, status=200, headers=HEADERS, ends=True, fails=None):
        self.pieces, self.status, self.headers, self.ends, self.fails = pieces, status, headers, ends, fails
        self.asked, self.cut_off = [], False

    async def __call__(self, scope, receive, send):
        body = (await receive())["body"]
        length = dict(scope["headers"])[b"content-length"]
        assert int(length) == len(body)
        self.asked.append(json.loads(body))
        try:
            await self._tell(send)
        except asyncio.CancelledError:
            self.cut_off = True
            raise

    async def _tell(self, send):
        begun = False
        for piece in self.pieces:
            if isinstance(piece, float):
                await asyncio.sleep(piece)
                continue
            if not begun:
                begun = True
                await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.fails:
            raise self.fails
        if self.ends:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def ask(proxy, patience=SHORT, role="triage", **more):
    """What comes: status, headers, body."""
    body = json.dumps({"model": role, **more}).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"x-api-key", b"sk-sales"), (b"idempotency-key", b"c1")]
    scope = {"type": "http", "method": "POST", "path": "/v1/messages", "headers": headers}
    asked, said, noted = Asked(scope, body), [], []

    def note(message):
        noted.append(message["usage"])
        return "sandbox-rules/claude"

    async def send(message):
        said.append(message)

    await streamed(proxy, {"triage": patience}, note)(scope, asked.again(), send)
    start, *rest = said
    told = b"".join(message["body"] for message in rest)
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, told, noted


async def test_a_stream_becomes_a_whole_answer():
    """With the headers that it began with, but for those of a stream; who answered and the usage are noted."""
    proxy = Proxy(*TOLD)
    status, headers, told, noted = await ask(proxy)
    assert (status, json.loads(told)) == (200, {**SAID, "model": "sandbox-rules/claude"})
    assert headers == {
        "content-type": "application/json",
        "content-length": str(len(told)),
        "x-litellm-model-id": "abc",
    }
    assert noted == [SAID["usage"]]
    assert proxy.asked == [{"model": "triage", "stream": True}]


@pytest.mark.parametrize("asked", [{"role": "insight"}, {"stream": True}], ids=["another role", "who wants the stream"])
async def test_others_have_what_the_proxy_says(asked):
    """A role that isn't listened to, and a caller who listens for itself."""
    proxy = Proxy(*TOLD)
    _, headers, told, _ = await ask(proxy, **asked)
    assert (told, headers["content-type"]) == (b"".join(TOLD), "text/event-stream; charset=utf-8")
    assert proxy.asked[0].get("stream") == asked.get("stream")


async def test_a_no_is_passed_on_as_it_is():
    """The proxy's own, with its headers: nothing was streamed."""
    refusal = [(b"content-type", b"application/json"), (b"retry-after", b"7")]
    status, headers, told, _ = await ask(Proxy(b'{"error": 1}', status=429, headers=refusal))
    assert (status, headers["retry-after"], told) == (429, "7", b'{"error": 1}')
    assert BROKE_OFF not in headers


@pytest.mark.parametrize(
    ("pieces", "says", "used"),
    [
        ((5.0,), "nothing came", {}),
        ((TOLD[0], 5.0), "began no answer", {"input_tokens": 10, "output_tokens": 1}),
        ((*TOLD[:4], 5.0), "stood still for 0.1 s", {"input_tokens": 10, "output_tokens": 10}),
    ],
    ids=["nothing", "a beginning", "some words"],
)
async def test_a_silence_that_is_too_long_is_cut_off(pieces, says, used):
    """As a timeout of the vendor's, and the vendor's stream is closed. What it had used by then is said."""
    proxy = Proxy(*pieces)
    status, headers, told, _ = await ask(proxy)
    assert (status, json.loads(headers[BROKE_OFF])) == (504, used)
    assert says in json.loads(told)["error"]["message"]
    assert proxy.cut_off


async def test_a_silence_is_measured_by_its_own_limit():
    """However long the first word may take: from then on it is no more waited for."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    status, *_ = await ask(Proxy(*TOLD[:4], 30.0), Patience(begin_s=20, first_s=20, stall_s=0.1))
    assert (status, loop.time() - begun < 10) == (504, True)


async def test_pings_alone_are_no_answer():
    """They keep a stream alive that has begun to answer, and don't put off the first word."""
    pings = [part for _ in range(50) for part in (b'data: {"type": "ping"}\n\n', 0.02)]
    assert (await ask(Proxy(*TOLD[:4], *pings[:20], *TOLD[4:])))[0] == 200
    assert (await ask(Proxy(TOLD[0], *pings)))[0] == 504


@pytest.mark.parametrize(
    ("proxy", "status", "says"),
    [
        (Proxy(*TOLD[:4]), 500, "broke off in the middle"),
        (Proxy(*TOLD[:4], ends=False), 500, "broke off in the middle"),
        (Proxy(*TOLD[:4], fails=RuntimeError("reset by peer")), 500, "reset by peer"),
        (Proxy(*TOLD[:4], b"data: {\n\n"), 500, "no JSON"),
        (Proxy(*TOLD[:4], b'data: {"type": "error", "error": {"type": "overloaded_error"}}\n\n'), 529, "ended in an"),
    ],
    ids=["stops", "is cut", "fails", "garbage", "an error"],
)
async def test_half_an_answer_is_an_error(proxy, status, says):
    """With the vendor's deployment on it, so that whoever reads it knows whose error it is."""
    got, headers, told, noted = await ask(proxy)
    assert (got, headers["x-litellm-model-id"], noted) == (status, "abc", [])
    assert says in json.loads(told)["error"]["message"]


async def test_whoever_asks_hears_how_far_it_is():
    """While the answer comes: that it is one that comes in pieces, its first word, and how much of it is there."""
    calls, body = UnderWay(), b'{"model": "triage"}'
    headers = [(b"content-length", b"19"), (b"x-api-key", b"sk-sales"), (b"idempotency-key", b"c1")]
    asked = Asked({"type": "http", "method": "POST", "path": "/v1/messages", "headers": headers}, body)

    async def send(message):
        pass

    async def answer():
        with calls.call(asked) as heard:
            heard.sent()
            patience = {"triage": Patience(1, 1, 1)}
            await streamed(Proxy(*TOLD[:4], 0.2, *TOLD[4:]), patience, lambda _: "m")(asked.scope, asked.again(), send)

    answering = asyncio.create_task(answer())
    await asyncio.sleep(0.1)
    heard = calls.of("sk-sales")["c1"]
    assert (heard["streams"], heard["characters"], heard["first_after_s"]) == (True, 40, 0.0)
    await answering
    assert calls.of("sk-sales") == {}

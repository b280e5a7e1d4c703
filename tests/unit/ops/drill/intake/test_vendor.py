"""The sender of the intake's drill, on a door that does as it is told."""

import asyncio
import time
from collections import Counter

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ops.drill.intake.traffic import Letter
from ops.drill.intake.vendor import Posted, Vendor
from tests.station import free_port, on_port

RATE = 1000.0


class Door:
    """Answers 202; a body of `later` gets one 503 first."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.times: list[float] = []

    async def receive(self, request: Request) -> Response:
        body = (await request.body()).decode()
        self.heard.append(body)
        self.times.append(time.monotonic())
        if body.startswith("later") and Counter(self.heard)[body] == 1:
            return JSONResponse({"outcome": "refused"}, 503, headers={"retry-after": "1"})
        return (
            JSONResponse({"outcome": "refused"}, 400) if body == "bad" else JSONResponse({"outcome": "accepted"}, 202)
        )

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/", self.receive, methods=["POST"])])


def letter(text: str, deal: int) -> Letter:
    return Letter("news", text.encode(), text, deal)


async def test_a_503_holds_up_its_deal_alone_for_as_long_as_it_says() -> None:
    """The same letter comes again, and what is behind it on its deal waits; another deal's doesn't."""
    door, port = Door(), free_port()
    vendor = Vendor(f"http://127.0.0.1:{port}/", ("user", "word"), RATE)
    async with on_port(door.app, port):
        await vendor.send([letter("later", 1), letter("next", 1), letter("other", 2)])
    assert door.heard == ["later", "other", "later", "next"]
    assert door.times[2] - door.times[0] >= 1
    assert Posted(letter("later", 1), "accepted", put_off=1) in vendor.posted


async def test_a_refusal_is_an_answer() -> None:
    """It isn't sent again."""
    door, port = Door(), free_port()
    vendor = Vendor(f"http://127.0.0.1:{port}/", ("user", "word"), RATE)
    async with on_port(door.app, port):
        await vendor.send([letter("bad", 1)])
    assert vendor.posted == [Posted(letter("bad", 1), "refused")]


async def test_an_answer_that_never_came_is_asked_for_again() -> None:
    """And so is a door that nobody opens; the two are told apart."""
    door, port = Door(), free_port()
    vendor = Vendor(f"http://127.0.0.1:{port}/", ("user", "word"), RATE)

    async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", port)
    sending = asyncio.create_task(vendor.send([letter("first", 1)]))
    await asyncio.sleep(0.5)
    server.close()
    await server.wait_closed()
    await asyncio.sleep(1)
    async with on_port(door.app, port):
        await sending
    (posted,) = vendor.posted
    assert (posted.outcome, posted.cut, posted.put_off) == ("accepted", 1, 1)

"""Every logical call is paid once: asked again it is answered from what was kept, or joins the call under way.

A worker can die between the vendor's answer and the farm's record. Its call is delivered to another one, who asks
the same: same caller, same logical call, same body. The vendors take no such name, so the gateway does.
"""

import asyncio
import logging
import sqlite3

from starlette.types import Message, Send

from gateway.door.asked import Asked, Handler
from gateway.door.kept import Kept, Seal
from gateway.door.said import ends, is_good, packed, saying, sorry, unpacked

log = logging.getLogger(__name__)


class Once:
    """Answers by `pays`, which asks the vendor, at most once for each logical call that brings an answer."""

    def __init__(self, pays: Handler, kept: Kept) -> None:
        self._pays = pays
        self._kept = kept
        self._under_way: dict[str, _Call] = {}

    async def answer(self, asked: Asked, send: Send) -> None:
        """Answer. The call goes on, and is kept, though its caller leave."""
        seal = _seal(asked)
        if call := self._under_way.get(seal.name):
            await call.tell(send, joined=True)
            return
        call = self._under_way[seal.name] = _Call()
        call.task = asyncio.create_task(self._work(seal, asked, call))
        await call.tell(send)

    async def settle(self, within_s: float) -> None:
        """Let the calls under way end: their answers are paid for."""
        tasks = [call.task for call in self._under_way.values() if call.task]
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)

    async def _work(self, seal: Seal, asked: Asked, call: "_Call") -> None:
        try:
            if kept := self._read(seal):
                call.how = "kept"
                call.hear(*kept)
            else:
                await self._pay(seal, asked, call)
        except Exception:
            log.exception("a call broke off")
        finally:
            # in the same breath: whoever asks after this finds what was kept
            del self._under_way[seal.name]
            call.end()

    async def _pay(self, seal: Seal, asked: Asked, call: "_Call") -> None:
        async def hear(message: Message) -> None:
            # kept before it is told: who has the end of an answer may ask for it again
            if ends(message) and is_good(whole := [*call.said, message]):
                await self._keep(seal, whole)
            call.hear(message)

        await self._pays(asked, hear)

    def _read(self, seal: Seal) -> list[Message] | None:
        try:
            found = self._kept.get(seal)  # on the spot: a thread and back takes longer
        except sqlite3.Error as error:
            log.warning("answers that may be kept can't be read: %s", error)
            return None
        return None if found is None else unpacked(found)

    async def _keep(self, seal: Seal, said: list[Message]) -> None:
        try:
            await asyncio.to_thread(self._kept.put, seal, packed(said))
        except sqlite3.Error as error:
            log.warning("an answer isn't kept, and would be paid again: %s", error)


def _seal(asked: Asked) -> Seal:
    where = (asked.scope["path"].encode(), asked.scope.get("query_string", b""))
    return Seal.of(asked.credential.encode(), asked.logical_call.encode(), *where, asked.body)


class _Call:
    """One call at the vendor, and whoever waits for its answer."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.how = "paid"
        self.task: asyncio.Task[None] | None = None
        self._ended = False
        self._news = asyncio.Event()

    def hear(self, *messages: Message) -> None:
        self.said += messages
        self._announce()

    def end(self) -> None:
        """Nothing more will be said. Where nothing was, that is said."""
        self.said += [] if self.said else sorry()
        self._ended = True
        self._announce()

    async def tell(self, send: Send, *, joined: bool = False) -> None:
        """The whole answer, as it comes. One that broke off ends without an end, and the connection with it."""
        told = 0
        while True:
            news = self._news
            for message in self.said[told:]:
                await send(saying("joined" if joined else self.how, message))
                told += 1
            if told == len(self.said):
                if self._ended:
                    return
                await news.wait()

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

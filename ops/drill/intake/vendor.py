"""A webhook vendor: sends each letter until it has an answer, and of one deal the next only then.

It comes again after a refused connection, an answer that never came, a 429 and a 5xx; when `Retry-After` says so, where
it does. Any other answer is one.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

import httpx

from ops.drill.intake.traffic import Letter

LANES = 16
"""Requests in flight."""

PATIENCE_S = 10.0
"""The real CRM waits no longer for an answer."""

LATER_S = 1.0
"""Before the next attempt, where nobody said when."""

COME_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Posted:
    """A letter that has its answer. `outcome` as in the starter's answers."""

    letter: Letter
    outcome: str
    cut: int = 0
    """Attempts whose answer never came: the event may have been taken in, and its sender can't know."""

    put_off: int = 0
    """Attempts that nobody took: a refused connection, a 429, a 5xx."""


class Vendor:
    """`rate`: letters a second that come up for sending, however fast they are answered."""

    def __init__(self, url: str, credentials: tuple[str, str], rate: float) -> None:
        self._url = url
        self._credentials = credentials
        self._rate = rate
        self._lanes = asyncio.Semaphore(LANES)
        self.posted: list[Posted] = []
        """In the order of their answers."""

    async def send(self, letters: Iterable[Letter]) -> None:
        """Until every letter has its answer."""
        limits = httpx.Limits(max_connections=LANES, max_keepalive_connections=LANES)
        async with (
            httpx.AsyncClient(auth=self._credentials, limits=limits, timeout=PATIENCE_S, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            lines: dict[int, asyncio.Queue[Letter | None]] = {}
            begun = time.monotonic()
            for number, letter in enumerate(letters):
                await asyncio.sleep(max(begun + number / self._rate - time.monotonic(), 0))
                if letter.deal not in lines:
                    lines[letter.deal] = asyncio.Queue()
                    group.create_task(self._one_after_another(client, lines[letter.deal]))
                lines[letter.deal].put_nowait(letter)
            for line in lines.values():
                line.put_nowait(None)

    async def _one_after_another(self, client: httpx.AsyncClient, line: "asyncio.Queue[Letter | None]") -> None:
        while (letter := await line.get()) is not None:
            self.posted.append(await self._until_answered(client, letter))

    async def _until_answered(self, client: httpx.AsyncClient, letter: Letter) -> Posted:
        cut = put_off = 0
        while True:
            pause = LATER_S
            try:
                async with self._lanes:
                    answer = await client.post(
                        self._url, content=letter.body, headers={"content-type": "application/json"}
                    )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                put_off += 1
            except httpx.TransportError:
                cut += 1
            else:
                if answer.status_code not in COME_AGAIN:
                    return Posted(letter, answer.json()["outcome"], cut, put_off)
                put_off += 1
                pause = float(answer.headers.get("retry-after", LATER_S))
            await asyncio.sleep(pause)

"""Effects once: what every tool server does around a write, so that a repeated call changes nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol
from weakref import WeakValueDictionary

from fastmcp import Context
from fastmcp.exceptions import ToolError

from contracts.names import META_EFFECT_KEY

Result = dict[str, Any]
Act = Callable[[str], Awaitable[Result]]
Find = Callable[[str], Awaitable[Result | None]]


class NothingDone(ToolError):
    """A tool's error after which it is certain that nothing was changed: refused, or never reached."""


class Begun(Protocol):
    """Where a key stands. `result` is there when the state is "done"."""

    @property
    def state(self) -> Literal["new", "pending", "done"]: ...

    @property
    def result(self) -> Result | None: ...


class Ledger(Protocol):
    """Keys and results, kept where a crash doesn't reach (`store.tool_ledger.ToolLedger`)."""

    async def begin(self, server: str, key: str) -> Begun: ...

    async def finish(self, server: str, key: str, result: Result) -> None: ...

    async def release(self, server: str, key: str) -> None: ...


_turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()


async def once(ledger: Ledger, server: str, ctx: Context, act: Act, find: Find | None) -> Result:
    """Do `act` at most once for the effect key that the request carries, and answer its result.

    `act` and `find` are given the key. A key whose result is known is answered from the ledger. A key that was
    begun and never finished (this server died in the middle, or heard no answer) is looked for upstream with
    `find`; only where nothing is found does `act` run again. A first attempt that ended with `NothingDone` gives
    the key back. `find=None` says that repeating `act` is harmless by nature. A request without a key is simply
    acted on, with an empty key: nobody asked for more.
    """
    key = effect_key(ctx)
    if not key:
        return await act("")
    # A caller that lost patience repeats itself while the first call still runs: the second waits its turn.
    async with _turns.setdefault((server, key), asyncio.Lock()):
        begun = await ledger.begin(server, key)
        if begun.state == "done" and begun.result is not None:
            return begun.result
        found = await find(key) if begun.state == "pending" and find else None
        result = found if found is not None else await _first_or_again(ledger, server, key, act, begun)
        await ledger.finish(server, key, result)
        return result


async def _first_or_again(ledger: Ledger, server: str, key: str, act: Act, begun: Begun) -> Result:
    try:
        return await act(key)
    except NothingDone:
        # Of a repetition only this attempt is known to have done nothing: the key stays in doubt.
        if begun.state == "new":
            await ledger.release(server, key)
        raise


def effect_key(ctx: Context) -> str:
    """The effect key in the request's `_meta`, or "" where there is none."""
    request = ctx.request_context
    meta = request.meta if request else None
    return str((meta or {}).get(META_EFFECT_KEY, ""))

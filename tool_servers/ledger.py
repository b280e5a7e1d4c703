"""Effects once: what every tool server does around a write, so that a repeated call changes nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, Protocol

from fastmcp import Context
from fastmcp.exceptions import ToolError
from sqlalchemy.exc import SQLAlchemyError

from contracts.names import META_EFFECT_KEY
from tool_servers.lease import held

Result = dict[str, Any]
Act = Callable[[str], Awaitable[Result]]
Find = Callable[[str], Awaitable[Result | None]]


class NothingDone(ToolError):
    """A tool's error after which it is certain that nothing was changed: refused, or never reached."""


class Begun(Protocol):
    """Where a key stands. Under `holder` it is ours where "new" or "pending"; `result` is there when "done"."""

    @property
    def state(self) -> Literal["new", "pending", "busy", "done"]: ...

    @property
    def holder(self) -> str: ...

    @property
    def result(self) -> Result | None: ...


class Ledger(Protocol):
    """Keys, leases and results, where a crash doesn't reach (`store.tool_ledger.ToolLedger`)."""

    @property
    def lease_s(self) -> float: ...

    async def begin(self, server: str, key: str) -> Begun: ...

    async def renew(self, server: str, key: str, holder: str) -> bool: ...

    async def finish(self, server: str, key: str, result: Result) -> None: ...

    async def release(self, server: str, key: str, holder: str) -> None: ...

    async def leave(self, server: str, key: str, holder: str) -> None: ...


async def once(ledger: Ledger, server: str, ctx: Context, act: Act, find: Find | None) -> Result:
    """Do `act` at most once for the effect key that the request carries, and answer its result.

    `act` and `find` are given the key. A key whose result is known is answered from the ledger. One that another
    call works on at this moment, in this server or another, is a passing error: its caller comes back for the
    result. A key that was begun and left (its server died in the middle, or heard no answer) is looked for upstream
    with `find`; only where nothing is found does `act` run again. A first attempt that ended with `NothingDone` gives
    the key back. `find=None` says that repeating `act` is harmless by nature. A request without a key is simply
    acted on, with an empty key: nobody asked for more.
    """
    key = effect_key(ctx)
    if not key:
        return await act("")
    try:
        return await _under_lease(ledger, server, key, act, find)
    except SQLAlchemyError as error:
        raise ToolError(f"passing: the ledger of effects is away ({type(error).__name__})") from error


async def _under_lease(ledger: Ledger, server: str, key: str, act: Act, find: Find | None) -> Result:
    since = asyncio.get_running_loop().time()
    begun = await ledger.begin(server, key)
    if begun.state == "busy":
        raise ToolError("passing: this effect is being worked on, retry-after=2")
    if begun.state == "done":
        return begun.result or {}
    async with held(partial(ledger.renew, server, key, begun.holder), ledger.lease_s, since):
        try:
            found = await find(key) if begun.state == "pending" and find else None
            result = found if found is not None else await act(key)
        except asyncio.CancelledError:
            # Its caller has left. Whoever asks next need not wait for the lease to run out before it looks upstream.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(ledger.leave(server, key, begun.holder))
            raise
        except Exception as error:
            await _give_back(ledger, server, key, begun, error)
            raise
        await ledger.finish(server, key, result)
    return result


async def _give_back(ledger: Ledger, server: str, key: str, begun: Begun, error: Exception) -> None:
    # Of a repetition only this attempt is known to have done nothing: the key stays in doubt.
    if isinstance(error, NothingDone) and begun.state == "new":
        await ledger.release(server, key, begun.holder)
    else:
        await ledger.leave(server, key, begun.holder)


def effect_key(ctx: Context) -> str:
    """The effect key in the request's `_meta`, or "" where there is none."""
    return meta(ctx, META_EFFECT_KEY)


def meta(ctx: Context, name: str) -> str:
    """What the request's `_meta` says under a name, or "" where it says nothing."""
    request = ctx.request_context
    said = request.meta if request else None
    return str((said or {}).get(name, ""))

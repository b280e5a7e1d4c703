"""`./farm approvals`: what waits for a person."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence

from contracts.approvals import ApprovalRecord, QuestionKind
from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.options import AnyInstance, AsJson
from ops.questions import facts
from store.approvals import Approvals
from workflows.people.verdicts import proposed

ANSWERS: Mapping[QuestionKind, str] = {
    "consent": "./farm approve {0}   ./farm reject {0} --reason ...",
    "question": "./farm answer {0} '...'   ./farm reject {0} --reason ...",
    "doubt": "./farm happened {0}   ./farm approve {0} (do it)   ./farm reject {0} (skip)",
}


def approvals(name: AnyInstance = "", as_json: AsJson = False) -> None:
    """List what waits for a person's decision, the longest-waiting first."""
    waiting = asyncio.run(_pending(addresses(name)))
    if as_json:
        sys.stdout.write(json.dumps([record.request.model_dump(mode="json") for record in waiting], indent=2) + "\n")
    elif not waiting:
        out.print("Nothing waits.")
    for record in waiting if not as_json else ():
        _show(record)


async def _pending(where: Addresses) -> Sequence[ApprovalRecord]:
    async with records(where) as db:
        return await Approvals(db).pending()


def _show(record: ApprovalRecord) -> None:
    request = record.request
    out.print(f"[bold]{request.id}[/]  {request.agent}, {request.entity}, {request.tool}")
    out.print(f"  asked {request.asked_at:%Y-%m-%d %H:%M} UTC, expires {request.expires_at:%Y-%m-%d %H:%M} UTC")
    for line in (request.what, *facts(record)):
        out.print(f"  {line}", markup=False)
    out.print(f"  arguments {json.dumps(proposed(record), ensure_ascii=False)}", markup=False, soft_wrap=True)
    out.print(f"  [dim]{ANSWERS[request.kind].format(request.id)}[/]\n")

"""`./farm standing` and `./farm revoke`: what people have allowed beforehand, and how it is taken back."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from contracts.standing import StandingConsent
from ops.connections import Addresses, addresses, records
from ops.console import out
from ops.errors import FarmError
from ops.options import AnyInstance, AsJson, By, who
from store.standing import StandingConsents

ConsentId = Annotated[str, typer.Argument(help="As ./farm standing lists it.", metavar="ID")]


def standing(name: AnyInstance = "", as_json: AsJson = False) -> None:
    """List what runs without being asked about, because a person said so beforehand; what ends first is first."""
    found = asyncio.run(_holding(addresses(name)))
    if as_json:
        sys.stdout.write(json.dumps([each.model_dump(mode="json") for each in found], indent=2) + "\n")
    elif not found:
        out.print("Nothing is allowed beforehand.")
    for each in found if not as_json else ():
        out.print(f"[bold]{each.approval}[/]  {each.agent}, {each.entity or 'every entity'}, {each.tool}")
        said = f"  until {each.until} UTC, said by {each.by} by way of {each.channel} on {each.given_at:%Y-%m-%d}"
        out.print(said, markup=False)
        out.print(f"  [dim]./farm revoke {each.approval}[/]\n")


def revoke(consent: ConsentId, by: By = "", name: AnyInstance = "") -> None:
    """Take back what was allowed beforehand. What is asked from now on is asked again."""
    taken = asyncio.run(_revoke(consent, who(by), addresses(name)))
    if taken is None:
        raise FarmError(f"nothing of the name {consent!r} is allowed beforehand", "./farm standing lists what is.")
    about = taken.entity or "every entity"
    out.print(f"{taken.tool} of {taken.agent} for {about} is asked about again.", style="green", markup=False)


async def _holding(where: Addresses) -> Sequence[StandingConsent]:
    async with records(where) as db:
        return await StandingConsents(db).holding()


async def _revoke(consent: str, by: str, where: Addresses) -> StandingConsent | None:
    async with records(where) as db:
        return await StandingConsents(db).revoke(consent, by)

"""The demo from the first change to the last number, on a stack that is up."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from contracts.approvals import ApprovalRecord
from contracts.calls import RunRecord
from ops.connections import Addresses, records
from ops.demo import outcome, scenario, showing
from ops.demo.outcome import Gathered, Outcome
from ops.demo.sandboxes import Crm, Slack
from ops.demo.scenario import DEAL, ENTITY, Doing
from ops.demo.traces import arrived
from ops.demo.watching import Records, until
from ops.errors import FarmError
from ops.stack.runner import Stack
from store.story import Story, story
from telemetry.links import trace_url

APPROVER = "U0CLAIRE"
BETWEEN_CHANGES = 0.15
RUN_STARTS_WITHIN = 90.0
RUN_MOVES_WITHIN = 180.0
NOISE_SETTLES_WITHIN = 120.0
LEARNT_WITHIN = 30.0
"""With the stand-in a batch takes two seconds; at a vendor up to a day, for which no demo waits."""

PHOENIX_WITHIN = 60.0
TRACE_ARRIVES_WITHIN = 20.0


@dataclass(frozen=True)
class Stage:
    """All that the play needs."""

    stack: Stack
    records: Records
    crm: Crm
    slack: Slack
    to: Console
    clicks: bool
    """Whether the demo decides itself, by the button; otherwise a person does."""

    begun: float
    ready_after_s: float


@asynccontextmanager
async def stage(stack: Stack, to: Console, *, clicks: bool, begun: float) -> AsyncIterator[Stage]:
    """Open what the play needs, and close it again."""
    env = stack.plan.env
    where = Addresses(env["FARM_STORE_URL"], env["TEMPORAL_ADDRESS"])
    crm = Crm(env["PIPEDRIVE_API_URL"])
    slack = Slack(env["SLACK_API_URL"].removesuffix("/api/"), env["SLACK_CHANNEL"])
    ready_after = time.monotonic() - begun
    try:
        async with records(where) as db:
            yield Stage(stack, Records(db), crm, slack, to, clicks, begun, ready_after)
    finally:
        await crm.close()
        await slack.close()


async def play(on: Stage) -> tuple[Outcome, Story, list[str]]:
    """Make the changes, follow the run, gather what came of it. Returns also what is not as it should be."""
    made = await _make_changes(on)
    run = await _follow(on)
    told = await _settle(on, made, run)
    result = await _outcome(on, made, told)
    wrong = outcome.complaints(result, len(made.burst), len(made.noisy_deals), told.run.reason)
    return result, told, list(wrong)


@dataclass(frozen=True)
class Made:
    """The changes that were made."""

    burst: tuple[Doing, ...]
    noisy_deals: tuple[str, ...]
    deals: tuple[str, ...]


async def _make_changes(on: Stage) -> Made:
    burst = tuple(scenario.burst(datetime.now(UTC).date()))
    noise, echo = tuple(scenario.noise()), tuple(scenario.echo())
    on.to.print(f"\n[bold]{len(burst)} changes on deal {DEAL}[/], and noise on {len(noise)} others ...")
    for doing in (*burst, *noise, *echo):
        await on.crm.do(doing)
        on.to.print(f"  [dim]{doing.method} {doing.path}[/]  {doing.what}")
        await asyncio.sleep(BETWEEN_CHANGES)
    noisy = tuple(dict.fromkeys(f"deal:{doing.deal}" for doing in noise))
    return Made(burst, noisy, (ENTITY, *noisy, *(f"deal:{doing.deal}" for doing in echo)))


async def _follow(on: Stage) -> str:
    """See the run through to its end, and have its questions answered."""
    on.to.print("\nWaiting for quiet on the deal; then one run takes them all ...")
    begun = await until("the run", RUN_STARTS_WITHIN, lambda: on.records.first_run(ENTITY))
    on.to.print(f"[bold]{begun.run}[/] took {len(begun.events)} events.")
    while True:
        question = await until("the run to ask or to end", RUN_MOVES_WITHIN, lambda: _question_or_end(on, begun.run))
        if question is True:
            return begun.run
        assert isinstance(question, ApprovalRecord)
        await _answer(on, question)


async def _question_or_end(on: Stage, run: str) -> ApprovalRecord | bool | None:
    return await on.records.open_question(run) or (True if await on.records.ended(run) else None)


async def _answer(on: Stage, question: ApprovalRecord) -> None:
    request = question.request
    starter = on.stack.state.parts["starter"].link
    showing.ask(request, on.slack.page, starter, on.stack.plan.env["TEMPORAL_ADDRESS"], on.to)
    if on.clicks:
        ts = await until("the question in Slack", RUN_MOVES_WITHIN, lambda: _asked_in_slack(on, request.id))
        await on.slack.click(ts, APPROVER, "farm.approve")
        on.to.print(f"{APPROVER} clicked Approve in the sandbox Slack (--yes).")
    else:
        latest = f"{request.expires_at:%Y-%m-%d %H:%M} UTC"
        on.to.print(f"Waiting for your decision, until {latest} at the latest ...", style="bold yellow")
    decided = await until("the decision", _patience(on, question), lambda: _decided(on, question))
    by = f"{decided.decision.by} by way of {decided.decision.channel}" if decided.decision else "nobody"
    on.to.print(f"[bold]{decided.status}[/] by {by}.")


def _patience(on: Stage, question: ApprovalRecord) -> float:
    """A person may take as long as the question stands."""
    if on.clicks:
        return RUN_MOVES_WITHIN
    return (question.request.expires_at - datetime.now(UTC)).total_seconds() + RUN_MOVES_WITHIN


async def _asked_in_slack(on: Stage, approval: str) -> str | None:
    return await on.slack.question(approval) or None


async def _decided(on: Stage, question: ApprovalRecord) -> ApprovalRecord | None:
    all_of_run = await on.records.questions(question.request.workflow_id)
    return next((each for each in all_of_run if each.request.id == question.request.id and each.decision), None)


async def _settle(on: Stage, made: Made, run: str) -> Story:
    await until("triage to stop the noise", NOISE_SETTLES_WITHIN, lambda: on.records.settled(made.noisy_deals))
    try:
        await until("what was learnt", LEARNT_WITHIN, lambda: on.records.learnt(run))
    except FarmError:
        on.to.print("What the run learnt comes by a batch of the vendor's, within a day: ./farm trace will have it.")
    told = await story(on.records.db, run)
    assert told is not None
    return told


async def _outcome(on: Stage, made: Made, told: Story) -> Outcome:
    gathered = Gathered(
        run=told.run,
        runs=tuple(await on.records.all_runs()),
        door=tuple(await on.records.at_the_door(made.deals)),
        approvals=tuple(await on.records.questions(told.run.run)),
        crm_changes=tuple(await on.crm.changes_by_agent(DEAL)),
        mails_sent=tuple(await on.crm.mails_sent()),
    )
    took = time.monotonic() - on.begun
    links = _links(on, told.run)
    spans = await _in_phoenix(on, told)
    return Outcome(
        **outcome.counts(gathered),
        **outcome.thinking(told),
        links=links,
        trace_url=links["Phoenix trace"],
        trace_store_up=spans is not None,
        trace_ready=bool(spans),
        trace_spans=spans or {},
        ready_after_s=round(on.ready_after_s, 1),
        took_s=round(took, 1),
    )


async def _in_phoenix(on: Stage, told: Story) -> dict[str, int] | None:
    """The trace's spans by kind; None where Phoenix itself didn't come up in time."""
    if not await on.stack.until_ready("phoenix", 0):
        on.to.print(f"\nWaiting for Phoenix, {PHOENIX_WITHIN:.0f} s at most (the job itself needs none) ...")
    if not await on.stack.until_ready("phoenix", PHOENIX_WITHIN):
        return None
    calls = sum(moment.kind == "model" for moment in told.moments)
    phoenix = on.stack.state.parts["phoenix"].link
    return await arrived(phoenix, told.run.trace_id, TRACE_ARRIVES_WITHIN, calls=calls)


def _links(on: Stage, run: RunRecord) -> dict[str, str]:
    link = {name: part.link for name, part in on.stack.state.parts.items()}
    return {
        "Temporal": showing.temporal_link(link["temporal"], run.run),
        "Phoenix trace": trace_url(link["phoenix"], run.trace_id),
        "the run's page": f"{link['starter']}/runs/{run.run}",
        "Slack": on.slack.page,
        "CRM": f"{link['sandbox-crm']}/deal/{DEAL}",
    }

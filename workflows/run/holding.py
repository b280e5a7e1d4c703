"""Between two turns: what people did to the run is recorded, a paused run waits, and the agent hears what is new."""

from temporalio import workflow

from contracts.events import Event
from contracts.search_attributes import WAITING_FOR
from contracts.steering import Intervention, InterventionKind, Pause, Steer, UseModels
from workflows import news, steps
from workflows.entity import waiting
from workflows.run.agent_run import AgentRun
from workflows.run.facts import outside_words


async def held(run: AgentRun) -> None:
    """Return at once, or when a paused run is resumed."""
    await _record(run)
    if not run.reins.paused_by:
        return
    workflow.upsert_search_attributes([WAITING_FOR.value_set(f"resume, paused by {run.reins.paused_by}"[:255])])
    await steps.record_run(run.record("waiting", f"paused by {run.reins.paused_by}"))
    with run.waiting_for_people():
        while run.reins.paused_by:
            await workflow.wait_condition(lambda: bool(run.reins.unrecorded))
            await _record(run)
    workflow.upsert_search_attributes([WAITING_FOR.value_set("nothing")])
    await steps.record_run(run.record("running"))


async def hear(run: AgentRun) -> str:
    """What the agent is told before its next turn: news of its entity, and what people said to it. Mostly nothing."""
    came = run.reins.hear_news()
    run.job = run.job.model_copy(update={"events": (*run.job.events, *came)}) if came else run.job
    for event in came:
        run.heard.append(event.key)
        run.taint(outside_words([event]))
        run.pin(f"News came: {event.summary}")
        await _note(run, "news", event.actor or event.source, event.summary)
    return "\n\n".join(filter(None, (news.brief(came), _called_off(run, came), run.reins.hear())))


def _called_off(run: AgentRun, came: tuple[Event, ...]) -> str:
    """What the run had planned may be over by what it hears now. What was planned before it is its entity's to end."""
    plan = run.follow_up
    why = next(filter(None, (waiting.ended_by(run.spec, plan, event) for event in came)), "") if plan else ""
    if not plan or not why:
        return ""
    run.plan(None)
    return waiting.off(run.spec, plan, why)


async def _record(run: AgentRun) -> None:
    while run.reins.unrecorded:
        word = run.reins.unrecorded.pop(0)
        if isinstance(word, Steer):
            run.pin(f"A person ({word.by}) said: {word.text}")
            await _note(run, "steer", word.by, word.text)
        elif isinstance(word, Pause):
            await _note(run, "pause", word.by, word.reason)
        elif isinstance(word, UseModels):
            given = ", ".join(f"{role}={model}" for role, model in sorted(word.models.items()))
            await _note(run, "models", word.by, given)
        else:
            await _note(run, "resume", word.by)


async def _note(run: AgentRun, kind: InterventionKind, by: str, text: str = "") -> None:
    run.interventions += 1
    await steps.record_intervention(
        Intervention(run=run.run_id, number=run.interventions, kind=kind, by=by, text=text, at=workflow.now())
    )

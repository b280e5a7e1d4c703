"""Between two turns: what people did to the run is recorded, and a paused run waits."""

from temporalio import workflow

from contracts.search_attributes import WAITING_FOR
from contracts.steering import Intervention, Pause, Resume, Steer
from workflows import steps
from workflows.agent import AgentRun


async def held(run: AgentRun) -> None:
    """Return at once, or when a paused run is resumed."""
    await _record_news(run)
    if not run.reins.paused_by:
        return
    workflow.upsert_search_attributes([WAITING_FOR.value_set(f"resume, paused by {run.reins.paused_by}"[:255])])
    await steps.record_run(run.record("waiting", f"paused by {run.reins.paused_by}"))
    with run.waiting_for_people():
        while run.reins.paused_by:
            await workflow.wait_condition(lambda: bool(run.reins.news))
            await _record_news(run)
    workflow.upsert_search_attributes([WAITING_FOR.value_set("nothing")])
    await steps.record_run(run.record("running"))


async def _record_news(run: AgentRun) -> None:
    while run.reins.news:
        news = run.reins.news.pop(0)
        run.interventions += 1
        if isinstance(news, Steer):
            run.pin(f"A person ({news.by}) said: {news.text}")
        await steps.record_intervention(_told(run, news))


def _told(run: AgentRun, news: Steer | Pause | Resume) -> Intervention:
    kind = "steer" if isinstance(news, Steer) else "pause" if isinstance(news, Pause) else "resume"
    text = news.text if isinstance(news, Steer) else news.reason if isinstance(news, Pause) else ""
    return Intervention(run=run.run_id, number=run.interventions, kind=kind, by=news.by, text=text, at=workflow.now())

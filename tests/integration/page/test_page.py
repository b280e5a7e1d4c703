"""People on the page, in a real browser: the real starter, a real run, real records."""

import asyncio
from collections.abc import Callable

import pytest

from contracts.approvals import Verdict
from store.database import Database
from tests.fakes import uses
from tests.integration.page.conftest import Staging
from tests.integration.page.recording import RecordingFarm
from tests.workflow.test_sales_run import ACT, MAIL, NOTHING_LEARNT, REPORT

CLAIRE, TOM, INES = "claire@chaleo.example", "tom@chaleo.example", "ines@chaleo.example"


def mailing() -> tuple[list[RecordingFarm], Callable[[Database], RecordingFarm]]:
    """A farm whose agent wants to send a mail. Where it is, once it is made."""
    made: list[RecordingFarm] = []

    def make(db: Database) -> RecordingFarm:
        wish = uses(("crm__send_mail", MAIL))
        script = {"triage": [ACT], "orchestrator": [wish, REPORT], "insight": [NOTHING_LEARNT]}
        made.append(RecordingFarm(db, script))
        return made[0]

    return made, make


def sent(made: list[RecordingFarm]) -> list[dict[str, object]]:
    return [call.arguments for call in made[0].called("crm__send_mail")]


async def test_an_approval_on_the_page_lets_the_call_run(staged: Staging) -> None:
    """From the list to the run's end, by somebody whose address the policy knows as an approver's."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.page.get_by_role("link", name=stage.asked.what).click()
        await claire.page.get_by_label("Comment").first.fill("go ahead")
        await claire.press("Approve")
        assert await claire.told() == f"Approved by {CLAIRE}"
        await stage.deal.first_run.result()
        record = await stage.settled()
        assert (record.decision.by, record.decision.channel, record.decision.reason) == (CLAIRE, "page", "go ahead")
        assert sent(made) == [MAIL]
        await claire.open(stage.asked)
        await claire.page.get_by_role("heading", name="Approved by Claire Martin").wait_for()
        assert await claire.page.get_by_role("button", name="Approve").count() == 0
        assert claire.troubles == []


@pytest.mark.slow
async def test_an_edit_runs_as_edited_and_no_other(staged: Staging) -> None:
    """What the tool wouldn't take is said, what was typed stays, and the mended edit counts."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.open(stage.asked)
        await claire.page.get_by_text("Edit, and approve as edited").click()
        await claire.page.get_by_label("to (needed)").fill("x")
        await claire.page.get_by_label("body (needed)").fill("Bonjour Julien,\n\nà demain.")
        await claire.press("Approve as edited")
        assert "to: 'x' is too short" in await claire.told()
        assert await claire.page.get_by_label("body (needed)").input_value() == "Bonjour Julien,\n\nà demain."
        assert sent(made) == []
        await claire.page.get_by_label("deal_id (needed)").fill("forty-two")
        await claire.press("Approve as edited")
        await claire.page.get_by_text("forty-two is no number").wait_for()
        await claire.page.get_by_label("deal_id (needed)").fill("42")
        await claire.page.get_by_label("to (needed)").fill("julien@batisseurs.example")
        await claire.press("Approve as edited")
        assert "by claire@chaleo.example" in (await claire.told()).lower()
        await stage.deal.first_run.result()
        wanted = MAIL | {"to": "julien@batisseurs.example", "body": "Bonjour Julien,\n\nà demain."}
        assert sent(made) == [wanted]
        record = await stage.settled()
        assert (record.request.arguments, record.approved_arguments) == (MAIL, wanted)
        assert record.decision.verdict is Verdict.EDIT
        assert claire.troubles == []


@pytest.mark.slow
async def test_a_rejection_with_its_reason(staged: Staging) -> None:
    """Nothing is sent, and the agent goes on without."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.open(stage.asked)
        await claire.page.get_by_label("Comment").first.fill("Tom calls them today")
        await claire.press("Reject")
        assert await claire.told() == f"Rejected by {CLAIRE}"
        await stage.deal.first_run.result()
        assert sent(made) == []
        assert (await stage.settled()).decision.reason == "Tom calls them today"


@pytest.mark.slow
async def test_a_decision_after_the_term_is_told_so(staged: Staging) -> None:
    """The page stood open for days; nothing is done."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.open(stage.asked)
        await stage.deal.sleep(days=8)
        assert (await stage.settled()).status == "expired"
        await claire.press("Approve")
        assert "too late" in await claire.told()
        await claire.page.get_by_role("heading", name="Expired: nobody decided in time").wait_for()
        assert sent(made) == []


@pytest.mark.slow
async def test_somebody_without_rights_gets_a_polite_no(staged: Staging) -> None:
    """They see it all, may try, and it counts for nothing; who may decide still can."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(INES) as ines:
        assert "Nothing waits for you." in await ines.page.locator("main").inner_text()
        await ines.page.get_by_role("link", name=stage.asked.what).click()
        assert f"You ({INES}) are not among those who are asked" in await ines.page.locator("#no-rights").inner_text()
        await ines.press("Approve")
        assert await ines.told() == f"That didn't count: {INES} is not among those who may decide this."
        assert sent(made) == []
        async with stage.somebody("U0TOM") as tom:
            await tom.open(stage.asked)
            await tom.press("Approve")
            assert await tom.told() == "Approved by U0TOM"
        await stage.deal.first_run.result()
        assert sent(made) == [MAIL]


@pytest.mark.slow
async def test_of_two_at_once_one_counts(staged: Staging) -> None:
    """The other hears who was first, and the call runs once."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire, stage.somebody(TOM) as tom:
        await claire.open(stage.asked)
        await tom.open(stage.asked)
        await asyncio.gather(claire.press("Approve"), tom.press("Reject"))
        told = [await claire.told(), await tom.told()]
        late = [each for each in told if each.startswith("That didn't count: too late: already")]
        assert len(late) == 1
        record = await stage.settled()
        assert record.decision.by in late[0]
        await stage.deal.first_run.result()
        assert sent(made) == ([MAIL] if record.status == "approved" else [])


@pytest.mark.slow
async def test_nobody_decides_from_another_page_or_signed_out(staged: Staging) -> None:
    """A form on another site goes nowhere, nor does one whose sender has signed out meanwhile."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        address = f"{stage.base}/approvals/{stage.asked.id}/decide"
        other = await claire.page.context.new_page()
        await other.goto(f"{stage.base.replace('127.0.0.1', 'localhost')}/livez")
        await other.set_content(
            f'<form method="post" action="{address}"><input name="verdict" value="approve"><button>go</button></form>'
        )
        await other.get_by_role("button").click()
        await other.wait_for_url(address)
        assert "another site's page" in await other.content() or "not signed in" in await other.content()
        await claire.open(stage.asked)
        second = await claire.page.context.new_page()
        await second.goto(f"{stage.base}/approvals")
        await second.get_by_role("button", name="Sign out").click()
        await second.get_by_text("You are signed out.").wait_for()
        await claire.press("Approve")
        await claire.page.get_by_text("You are not signed in").wait_for()
        assert sent(made) == []
        assert (await stage.deal.asked()).id == stage.asked.id


@pytest.mark.slow
async def test_it_is_used_by_keys_alone_and_without_script(staged: Staging) -> None:
    """A key goes to a button, and presses nothing; without script it is forms and links."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.page.keyboard.press("j")
        await claire.page.keyboard.press("Enter")
        await claire.page.get_by_role("heading", name="Decide").wait_for()
        await claire.page.keyboard.press("a")
        focused = await claire.page.evaluate("document.activeElement.textContent")
        assert focused == "Approve"
        assert (await stage.deal.asked()).id == stage.asked.id
        async with stage.somebody(TOM, java_script_enabled=False) as tom:
            await tom.open(stage.asked)
            await tom.press("Approve")
            assert await tom.told() == f"Approved by {TOM}"
        await stage.deal.first_run.result()
        assert sent(made) == [MAIL]


@pytest.mark.slow
async def test_a_runs_page_shows_what_it_did(staged: Staging) -> None:
    """The wait as a wait, each step with its line, strangers' words as words."""
    made, make = mailing()
    async with staged(make) as stage, stage.somebody(CLAIRE) as claire:
        await claire.open(stage.asked)
        await claire.page.get_by_role("link", name="its run").click()
        assert await claire.page.locator("svg .bar.waiting").count() == 1
        assert await claire.page.locator("svg .bar.model").count() == 2
        await claire.page.locator("tr#bootstrap-1 summary", has_text="result").click()
        assert "<b>a stranger's words</b>" in await claire.page.locator("tr#bootstrap-1").inner_text()
        assert claire.troubles == []
    assert sent(made) == []

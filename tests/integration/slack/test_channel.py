"""Slack as a place to decide in, with all the weather that it has."""

import time
from pathlib import Path
from urllib.parse import urlencode

import httpx
from slack_sdk.signature import SignatureVerifier
from temporalio.client import Client

from contracts.approvals import Verdict
from starter.slack.telling import Telling, patient_client
from store.approvals import Approvals
from store.refused_decisions import RefusedDecisions
from store.story import story
from tests.integration.slack.channel import CHANNEL, SECRET, TOKEN, Farm, buttons, farm, until
from tests.integration.slack.toys import MAIL

POST = ["chat.postMessage"]


async def outcome(at: Farm) -> str:
    ended = await at.run.result()
    return str(ended["reason"])


async def test_slack_down_holds_nothing_up_and_the_message_comes_later_once(temporal: Client, tmp_path: Path) -> None:
    """Another way decides meanwhile. When Slack is back the question stands there once, as it was settled."""
    async with farm(temporal, tmp_path, {"mode": "down"}) as at:
        assert (await at.decide(verdict="approve", by="claire")).accepted
        record = await Approvals(at.db).get((await at.record()).request.id)
        assert record is not None
        assert record.status == "approved"
        assert at.said() == []
        at.fails("none")
        assert await outcome(at) == "approved"
        asked, reported = at.said()
        assert asked["blocks"][1]["text"]["text"].startswith("*Approved by claire")
        assert buttons(asked) == {}
        assert (reported["thread_ts"], reported["subtype"]) == (asked["ts"], "thread_broadcast")
        assert reported["text"] == "Report: approved"


async def test_a_reply_that_is_lost_is_not_a_second_question(temporal: Client, tmp_path: Path) -> None:
    """Slack had taken it and said 503: it is found again by its mark."""
    fault = {"mode": "lost-reply", "times": 1, "methods": POST}
    async with farm(temporal, tmp_path, fault) as at:
        await at.click(await at.question(), "U0CLAIRE", "farm.approve")
        assert await outcome(at) == "approved"
        assert len([each for each in at.said() if "subtype" not in each]) == 1


async def test_a_rate_limit_is_kept_to(temporal: Client, tmp_path: Path) -> None:
    """The question comes after as many seconds as Slack said, and no sooner."""
    since = time.monotonic()
    async with farm(temporal, tmp_path, {"mode": "rate-limit", "retry_after": 4, "times": 1, "methods": POST}) as at:
        await at.question()
        assert time.monotonic() - since >= 4
        await at.decide(verdict="reject", by="claire")
        assert await outcome(at) == "rejected"


async def test_a_word_to_one_person_keeps_to_a_rate_limit_too(temporal: Client, tmp_path: Path) -> None:
    """It is said when Slack takes it."""
    async with farm(temporal, tmp_path) as at:
        await at.question()
        at.fails("rate-limit", retry_after=2, times=1)
        since = time.monotonic()
        telling = Telling(patient_client(TOKEN, f"{at.people.base_url}/api/"))
        await telling.tell(CHANNEL, "U0INES", "no")
        assert time.monotonic() - since >= 2
        assert at.told("U0INES") == ["no"]
        await at.decide(verdict="reject", by="claire")
        await outcome(at)


async def test_whoever_may_not_decide_hears_so_alone_and_it_is_on_record(temporal: Client, tmp_path: Path) -> None:
    """The click on a button and on one that opens a modal alike; and the trace of the run tells."""
    async with farm(temporal, tmp_path) as at:
        question = await at.question()
        assert (await at.click(question, "U0INES", "farm.approve"))["ok"]
        assert (await at.click(question, "U0INES", "farm.edit"))["ok"]

        async def refused() -> list[str] | None:
            found = await RefusedDecisions(at.db).of_run(at.run.id)
            return [f"{each.by} {each.verdict} {each.channel}" for each in found] if len(found) == 2 else None

        assert await until(refused) == ["U0INES approve slack", "U0INES edit slack"]
        assert at.told("U0INES") == [
            "That didn't count: <@U0INES> is not among those who may decide this.",
            "That didn't count: only <@U0CLAIRE>, <@U0TOM> may decide this.",
        ]
        assert at.told("U0TOM") == []
        assert (await at.record()).status == "pending"
        told = await story(at.db, at.run.id)
        assert told is not None
        assert [moment.kind for moment in told.moments].count("refused") == 2
        await at.click(question, "U0CLAIRE", "farm.reject")
        assert await outcome(at) == "rejected"


async def test_a_click_after_the_end_gets_a_clear_answer(temporal: Client, tmp_path: Path) -> None:
    """By whoever still sees the buttons: somebody else was faster, and then the run is over."""
    async with farm(temporal, tmp_path) as at:
        question = await at.question()
        await at.decide(verdict="approve", by="claire")
        assert await outcome(at) == "approved"
        at.slack.workspace.keep_message(CHANNEL, question)  # as it was before the buttons went
        assert (await at.click(question, "U0TOM", "farm.approve"))["ok"]

        async def told() -> list[str] | None:
            return at.told("U0TOM") or None

        assert await until(told) == ["That didn't count: too late: the run that asked is over."]


async def test_an_edit_comes_back_whole(temporal: Client, tmp_path: Path) -> None:
    """Through the modal, with the arguments' hash; and the reason of a no by its modal."""
    async with farm(temporal, tmp_path) as at:
        question = await at.question()
        hashes = {each["hash"] for each in buttons(question).values()}
        assert hashes == {(await at.record()).request.arguments_hash}
        await at.click(question, "U0CLAIRE", "farm.why")
        why = (await at.modal("U0CLAIRE"))["view"]
        assert (await at.submit("U0CLAIRE", why["id"], words="call him first"))["reply"] == {}
        assert await outcome(at) == "rejected"
        record = await at.record()
        assert record.decision is not None
        assert (record.decision.verdict, record.decision.reason) == (Verdict.REJECT, "call him first")
        assert record.request.arguments == MAIL


async def test_what_slack_did_not_sign_just_now_is_refused(temporal: Client, tmp_path: Path) -> None:
    """Forged, replayed after more than five minutes, or about arguments that nobody saw."""
    async with farm(temporal, tmp_path) as at:
        question = await at.question()
        button = next(each for each in question["blocks"] if each["type"] == "actions")["elements"][0]
        payload = {
            "type": "block_actions",
            "user": {"id": "U0CLAIRE"},
            "container": {"channel_id": CHANNEL, "message_ts": question["ts"]},
            "trigger_id": "1.2.x",
            "actions": [button],
        }
        assert await sent(at, payload, "guessed") == 401
        assert await sent(at, payload, SECRET, age=301) == 401
        stale = {**button, "value": button["value"].replace((await at.record()).request.arguments_hash, "0" * 64)}
        assert await sent(at, payload | {"actions": [stale]}, SECRET) == 200
        assert (await at.record()).status == "pending"
        assert await sent(at, payload, SECRET) == 200
        assert await outcome(at) == "approved"


async def sent(at: Farm, payload: dict[str, object], secret: str, age: float = 0) -> int:
    body = urlencode({"payload": httpx.Response(200, json=payload).text})
    timestamp = str(int(time.time() - age))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": str(SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)),
    }
    async with httpx.AsyncClient() as http:
        return (await http.post(f"{at.starter_url}/slack/interactions", content=body, headers=headers)).status_code

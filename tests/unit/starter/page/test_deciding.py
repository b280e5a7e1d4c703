"""The page as a whole with stand-ins behind it: what is shown, and what a form becomes."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from contracts.approvals import Always, Decision, DecisionReceipt, Verdict, Vote
from contracts.effects import arguments_hash
from tests.unit.starter.conftest import House
from tests.unit.starter.page.asked import MAIL, NOW, OURS, ask, question, reading, token_in

RUN = "toy:deal:42/run-1"
NO_RIGHTS = DecisionReceipt(accepted=False, message="ines is not among those who may decide this")
SCHEMA = {"type": "object", "properties": {name: {"type": "string"} for name in ("to", "subject", "body")}}


async def test_what_waits_for_me_comes_first(house: House) -> None:
    """And the others' questions are there too: nothing is hidden."""
    ask(house, question("hers", what="send mail: hers", approvers=("claire",)))
    ask(house, question("his", what="send mail: his", approvers=("tom",)))
    async with reading(house) as claire:
        text = (await claire.http.get("/approvals")).text
    assert text.index("For you") < text.index("send mail: hers") < text.index("For others") < text.index("his")


async def test_a_question_is_shown_whole(house: House) -> None:
    """With all that it says of itself."""
    ask(
        house,
        question(
            why="a mail can't be taken back",
            wish="the client waits",
            risk="high",
            tainted="a mail from outside",
            proposed_by="model-x",
            approvers=("claire", "tom"),
            quorum=2,
            level=1,
            changed="the deal was lost",
            again="a0",
            read=({"step": "bootstrap.deal", "what": "get deal", "url": "https://crm.example/42", "outside": True},),
            cost_usd=0.1234,
            requester="ines",
            still={"crm__get_deal status": "open"},
        ),
        votes=(Vote(decision=Decision(approval="a1", verdict=Verdict.APPROVE, by="tom"), at=NOW),),
    )
    async with reading(house) as claire:
        text = (await claire.http.get("/approvals/a1")).text
    for told in (
        "a mail can&#39;t be taken back",
        "the client waits",
        "high risk",
        "a mail from outside",
        "model-x",
        "2 people; yes so far: tom",
        "escalated",
        "the deal was lost",
        'href="https://crm.example/42"',
        'href="/runs/toy:deal:42/run-1#bootstrap.deal"',
        "by strangers",
        "$0.1234",
        "not ines, whose wish it is",
        "crm__get_deal status",
        "votre devis.",
        "Otherwise it isn&#39;t done.",
    ):
        assert told in text, told


async def test_what_strangers_wrote_is_text_and_no_markup(house: House) -> None:
    """In each place where it is shown; and no link that runs something."""
    evil = "<script>alert(1)</script>"
    ask(
        house,
        question(
            what=evil,
            wish=evil,
            tainted=evil,
            arguments={evil: evil, "list": [evil]},
            read=({"step": evil, "what": evil, "url": "javascript:alert(1)"},),
        ),
    )
    async with reading(house) as claire:
        pages = [await claire.http.get(path) for path in ("/approvals", "/approvals/a1")]
    for answer in pages:
        assert "<script>a" not in answer.text
        assert "&lt;script&gt;" in answer.text
        assert "javascript:" not in answer.text
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_an_approval_goes_to_the_run(house: House) -> None:
    """By whom, by which way, with the comment, and with what was shown; the run's word comes back once."""
    ask(house, question())
    async with reading(house) as claire:
        answer = await claire.decide(verdict="approve", reason="fine")
        assert (answer.status_code, answer.headers["location"]) == (303, "/approvals/a1")
        assert "Approved by U0CLAIRE" in (await claire.http.get("/approvals/a1")).text
        assert "Approved by U0CLAIRE" not in (await claire.http.get("/approvals/a1")).text
    decision = Decision(
        approval="a1", verdict=Verdict.APPROVE, by="claire", channel="page", reason="fine", arguments_hash="h1"
    )
    assert house.temporal.decided == [(RUN, decision)]


async def test_no_is_told_and_nothing_typed_is_lost(house: House) -> None:
    """Somebody without rights may try, and hears the run's no."""
    ask(house, question(approvers=("claire",)))
    house.temporal.receipt = NO_RIGHTS
    async with reading(house, "ines") as ines:
        assert "You (ines) are not among those who are asked" in (await ines.http.get("/approvals/a1")).text
        answer = await ines.decide(verdict="reject", reason="my thoughts")
    assert answer.status_code == 409
    assert "That didn&#39;t count: ines is not among those who may decide this." in answer.text
    assert "my thoughts" in answer.text
    ((run, decision, why),) = house.refusals.refused
    assert (run, decision.by, decision.channel, why) == (RUN, "ines", "page", NO_RIGHTS.message)


async def test_an_edit_carries_the_arguments_whole(house: House) -> None:
    """What wasn't touched is what it was, its lines and its types too."""
    ask(house, question())
    house.schemas.known["crm__send_mail"] = SCHEMA
    form = {f"arg.{name}": str(value).replace("\n", "\r\n") for name, value in MAIL.items()}
    async with reading(house) as claire:
        await claire.decide(verdict="edit", **form | {"arg.subject": "Votre devis"})
    ((_, decision),) = house.temporal.decided
    assert decision.arguments == MAIL | {"subject": "Votre devis"}


async def test_an_edit_that_cant_be_read_is_shown_again(house: House) -> None:
    """With what is wrong, and what was typed; the run isn't asked."""
    ask(house, question(arguments={"deal_id": 42, "note": "x"}))
    async with reading(house) as claire:
        answer = await claire.decide(verdict="edit", **{"arg.deal_id": "forty", "arg.note": "mine"})
    assert answer.status_code == 422
    assert "forty is no number" in answer.text
    assert 'value="mine"' in answer.text
    assert house.temporal.decided == []


async def test_an_edit_that_the_tool_refuses_is_shown_again(house: House) -> None:
    """The run says what its schema says, and what was typed stays."""
    ask(house, question())
    house.temporal.receipt = DecisionReceipt(accepted=False, message="the edit doesn't fit: to: '' is too short")
    async with reading(house) as claire:
        answer = await claire.decide(verdict="edit", **{"arg.to": "", "arg.subject": "mine"})
    assert answer.status_code == 409
    assert "is too short" in answer.text
    assert 'value="mine"' in answer.text
    assert '<details id="edit" open>' in answer.text


async def test_the_second_of_two_sees_what_the_first_has_changed(house: House) -> None:
    """And says yes to that: its hash goes along."""
    changed = MAIL | {"subject": "Votre devis"}
    ask(house, question(quorum=2), approved_arguments=changed)
    async with reading(house) as claire:
        text = (await claire.http.get("/approvals/a1")).text
        assert text.index("<dd>Votre devis</dd>") < text.index("As it was proposed") < text.index("<dd>Devis</dd>")
        await claire.decide(verdict="approve")
    assert house.temporal.decided[0][1].arguments_hash == arguments_hash(changed)


@pytest.mark.parametrize(("verdict", "word"), [("happened", "It happened"), ("approve", "Do it"), ("reject", "Skip")])
async def test_a_doubt_has_words_of_its_own(house: House, verdict: str, word: str) -> None:
    """What was begun can't be edited any more."""
    ask(house, question(kind="doubt"))
    async with reading(house) as claire:
        text = (await claire.http.get("/approvals/a1")).text
        assert f">{word}</button>" in text
        assert "Approve as edited" not in text
        await claire.decide(verdict=verdict)
    assert house.temporal.decided[0][1].verdict == verdict


@pytest.mark.parametrize(
    ("form", "answer"), [({"choice": "no"}, "no"), ({"choice": "no", "answer": "yes,\r\nbut late"}, "yes,\nbut late")]
)
async def test_a_question_is_answered(house: House, form: dict[str, str], answer: str) -> None:
    """By one of the choices, or in words, which go before."""
    ask(house, question(kind="question", choices=("yes", "no"), default="yes", at_expiry="default"))
    async with reading(house) as claire:
        assert "Otherwise this answer holds: yes" in (await claire.http.get("/approvals/a1")).text
        await claire.decide(verdict="answer", **form)
    ((_, decision),) = house.temporal.decided
    assert (decision.verdict, decision.answer) == (Verdict.ANSWER, answer)


async def test_no_answer_is_none(house: House) -> None:
    """It must be chosen or written."""
    ask(house, question(kind="question", choices=("yes", "no")))
    async with reading(house) as claire:
        answer = await claire.decide(verdict="answer")
    assert (answer.status_code, house.temporal.decided) == (422, [])
    assert "Choose an answer, or write one." in answer.text


async def test_yes_beforehand_where_policy_permits(house: House) -> None:
    """No further than policy lets it reach, whatever the form says."""
    until = (NOW + timedelta(days=7)).date()
    ask(house, question("one", standing="entity"))
    ask(house, question("all", standing="agent"))
    ask(house, question("none"))
    form = {"verdict": "approve", "always": "yes", "scope": "agent", "until": until.isoformat()}
    async with reading(house) as claire:
        for each in ("one", "all", "none"):
            await claire.decide(each, **form)
        assert (await claire.decide("one", verdict="approve", always="yes")).status_code == 422
    assert [decision.always for _, decision in house.temporal.decided] == [
        Always(scope="entity", until=until),
        Always(scope="agent", until=until),
        None,
    ]


async def test_a_settled_question_says_how_and_by_whom(house: House) -> None:
    """And has no buttons."""
    decision = Decision(approval="a1", verdict=Verdict.REJECT, by="tom", channel="slack", reason="not now")
    ask(house, question(), status="rejected", decision=decision, decided_at=NOW)
    async with reading(house) as claire:
        text = (await claire.http.get("/approvals/a1")).text
    assert "Rejected by tom" in text
    assert "not now" in text
    assert "<button name" not in text


async def test_a_late_decision_is_told_on_the_settled_page(house: House) -> None:
    """The second of two people hears who was first."""
    ask(house, question())
    house.temporal.receipt = DecisionReceipt(accepted=False, message="too late: already approved by tom")
    async with reading(house) as claire:
        answer = await claire.decide(verdict="reject")
        assert answer.status_code == 303
        assert "too late: already approved by tom" in (await claire.http.get("/approvals/a1")).text


async def test_temporal_being_away_is_told(house: House) -> None:
    """The decision didn't count, and can be made again."""
    ask(house, question())
    house.temporal.away = RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b"")
    async with reading(house) as claire:
        answer = await claire.decide(verdict="approve")
    assert "please decide again in a moment" in answer.text


async def test_the_store_being_away_is_told(house: House) -> None:
    """As what it is, on a page."""
    house.approvals.away = OSError("gone")
    async with reading(house) as claire:
        answer = await claire.http.get("/approvals")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "can&#39;t be read just now" in answer.text or "can't be read just now" in answer.text


@pytest.mark.parametrize("path", ["/approvals/none", "/runs/none"])
async def test_what_isnt_there_is_not_found(house: House, path: str) -> None:
    """On a page too."""
    async with reading(house) as claire:
        answer = await claire.http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_nobody_decides_who_isnt_signed_in(house: House) -> None:
    """A page leads to the sign-in and back; a form is refused."""
    ask(house, question())
    async with reading(house, "") as nobody:
        sent = await nobody.http.get("/approvals/a1")
        assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")
        refused = await nobody.http.post("/approvals/a1/decide", data={"verdict": "approve"}, headers=OURS)
        token = token_in((await nobody.http.get("/sign-in")).text)
        back = await nobody.http.post("/sign-in", data={"token": token, "name": "claire"}, headers=OURS)
    assert refused.status_code == 401
    assert back.headers["location"] == "/approvals/a1"
    assert house.temporal.decided == []


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("", OURS),
        ("guessed", OURS),
        ("clé", OURS),
        (None, {"origin": "http://evil.example", "sec-fetch-site": "cross-site"}),
        (None, {"origin": "http://evil.example"}),
        (None, {"sec-fetch-site": "same-site"}),
        (None, {"origin": "null"}),
    ],
)
async def test_a_form_of_another_site_is_refused(house: House, token: str | None, headers: dict[str, str]) -> None:
    """Without our token, or sent from elsewhere though it had one (None: the true one)."""
    ask(house, question())
    async with reading(house) as claire:
        true = token_in((await claire.http.get("/approvals/a1")).text)
        form = {"token": true if token is None else token, "verdict": "approve", "hash": "h1"}
        answer = await claire.http.post("/approvals/a1/decide", data=form, headers=headers)
    assert answer.status_code == 403
    assert house.temporal.decided == []


async def test_another_site_ends_nobodys_session(house: House) -> None:
    """A browser sends its form without our cookie: an answer that set one would take the place of the person's."""
    ask(house, question())
    async with reading(house, "") as nobody:
        for path in ("/approvals/a1/decide", "/sign-in", "/sign-out"):
            answer = await nobody.http.post(path, headers={"origin": "http://evil.example"})
            assert answer.status_code in {401, 403}
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("form", [{}, {"verdict": "shrug"}])
async def test_what_is_no_decision_is_refused(house: House, form: dict[str, str]) -> None:
    """A form that says nothing, or what we don't know."""
    ask(house, question())
    async with reading(house) as claire:
        assert (await claire.decide(**form)).status_code == 400
    assert house.temporal.decided == []

"""The sales assistant, turn by turn, against a hand-written deal."""

import json
from dataclasses import dataclass, field, replace

import pytest

from sandbox.model.conversation import Conversation, ToolCall, ToolChoice, ToolResult, ToolSpec, Turn
from sandbox.model.rules.orchestrate import orchestrate

BRIEF = "Today is 2026-11-23.\n" + json.dumps(
    {
        "kind": "deal.change",
        "entity": "deal:42",
        "by": "pipedrive:user:12",
        "changes": {"last_incoming_mail_time": [None, "2026-11-23T08:00:00Z"], "stage_id": [2, 3]},
    }
)
DEAL = {
    "id": 42,
    "title": "Résidence Les Tilleuls - 64 connected radiators",
    "value": 48600,
    "stage": {"id": 3, "name": "Offre envoyée"},
    "person": {"name": "Julien Moreau", "email": "j.moreau@batisseurs-rhone.example"},
    "organization": {"name": "Bâtisseurs du Rhône"},
    "owner": {"name": "Claire Martin"},
}
OFFERED = {
    "crm__get_deal": ("deal_id",),
    "crm__list_mails": ("deal_id", "limit"),
    "crm__search_notes": ("deal_id", "query"),
    "memory__recall": ("entity", "query"),
    "farm__load_skill": ("name",),
    "crm__add_note": ("deal_id", "content"),
    "crm__create_activity": ("deal_id", "subject", "type", "due_date", "note"),
    "crm__update_deal": ("deal_id", "field", "value"),
    "farm__set_follow_up": ("date", "reason"),
    "crm__send_mail": ("deal_id", "to", "subject", "body"),
}


def spec(name, arguments):
    return ToolSpec(name, {"properties": {argument: {} for argument in arguments}})


def mail(body, *, sender="j.moreau@batisseurs-rhone.example", at="2026-11-23 08:00:00", subject="Les Tilleuls", **more):
    return {"from": [{"email_address": sender}], "subject": subject, "body": body, "timestamp": at, **more}


@dataclass
class Story:
    """Plays a run to its end: answers every call from a script, and notes the turns."""

    mails: list
    answers: dict = field(default_factory=dict)
    brief: str = BRIEF
    turns: list = field(default_factory=list)
    words: list = field(default_factory=list)

    def play(self):
        tools = tuple(spec(name, arguments) for name, arguments in OFFERED.items())
        talk = Conversation("m", 1000, (Turn("user", self.brief),), tools=tools)
        while True:
            answer = orchestrate(talk)
            if answer.document is not None:
                return answer.document
            self.words.append(answer.text)
            self.turns.append([(call.name, dict(call.arguments)) for call in answer.calls])
            ids = [f"t{len(self.turns)}-{n}" for n in range(len(answer.calls))]
            calls = tuple(ToolCall(i, c.name, c.arguments) for i, c in zip(ids, answer.calls, strict=True))
            results = tuple(self._result(i, c.name) for i, c in zip(ids, answer.calls, strict=True))
            talk = replace(talk, turns=(*talk.turns, Turn("assistant", calls=calls), Turn("user", results=results)))

    def _result(self, call_id, name):
        found = {
            "crm__get_deal": json.dumps(DEAL),
            "crm__list_mails": json.dumps({"mails": self.mails}),
            **self.answers,
        }
        answer = found.get(name, "{}")
        if isinstance(answer, list):
            answer = answer.pop(0)
        text, failed = answer if isinstance(answer, tuple) else (answer, False)
        return ToolResult(call_id, text, failed)

    def calls(self, name):
        return [arguments for turn in self.turns for called, arguments in turn if called == name]


QUOTE = "Bonjour,\n\nPouvez-vous nous envoyer un devis pour la tranche 2 ? Merci.\n\nJulien Moreau"


def test_the_turns_of_a_quote():
    """Reads come at once, then the records, then the date, then the mail."""
    story = Story([mail(QUOTE)])
    story.play()
    assert [[name for name, _ in turn] for turn in story.turns] == [
        ["crm__get_deal", "crm__list_mails", "crm__search_notes", "memory__recall", "farm__load_skill"],
        ["crm__add_note", "crm__create_activity"],
        ["farm__set_follow_up"],
        ["crm__send_mail"],
    ]


def test_only_the_mail_is_said_what_for():
    """A person approves it, and reads that first."""
    story = Story([mail(QUOTE)])
    story.play()
    assert story.words[:3] == ["", "", ""]
    assert "I propose one" in story.words[3]


def test_the_mail_cites_the_deal_the_person_and_the_question():
    """The proposed mail is in French, to the contact, and names what was asked."""
    story = Story([mail(QUOTE)])
    story.play()
    (letter,) = story.calls("crm__send_mail")
    assert letter["to"] == "j.moreau@batisseurs-rhone.example"
    assert letter["body"].startswith("Bonjour Julien,")
    for part in (DEAL["title"], "Pouvez-vous nous envoyer un devis pour la tranche 2 ?", "Claire Martin\nChaleo"):
        assert part in letter["body"]


@pytest.mark.parametrize(
    ("client", "ours"),
    [
        ({"id": 57, "thread_id": 39}, {"id": 56, "thread_id": 39}),
        ({"id": 55, "thread_id": 43}, {"id": 56, "thread_id": 39}),
    ],
    ids=["later in the same second", "in another thread"],
)
def test_a_mail_that_we_have_not_answered_is_answered(client, ours):
    """The CRM's times are whole seconds, and an answer in one thread answers no other."""
    answer = mail("Bonjour Julien,\n\n" + "Merci de votre message. " * 20, sender="agent@chaleo.example", **ours)
    story = Story([answer, mail(QUOTE, **client)])
    story.play()
    assert len(story.calls("crm__send_mail")) == 1


def test_a_mail_answered_in_its_thread_is_not_answered_again():
    """However much longer the answer is, and in the same second."""
    answer = mail("Bonjour Julien", sender="agent@chaleo.example", id=58, thread_id=39)
    story = Story([mail(QUOTE, id=57, thread_id=39), answer])
    story.play()
    assert story.calls("crm__send_mail") == []


def test_dates_are_counted_from_the_day_in_the_request():
    """The task is due two working days after the request's today, the follow-up five after that."""
    story = Story([mail(QUOTE)])
    story.play()
    assert story.calls("crm__create_activity")[0]["due_date"] == "2026-11-25"
    assert story.calls("farm__set_follow_up")[0]["date"] == "2026-12-02"


def test_a_named_weekday_is_the_deadline():
    """A client who needs it before Thursday gets a task for Wednesday."""
    story = Story([mail("Pouvez-vous m'envoyer un devis avant jeudi ?")])
    story.play()
    assert story.calls("crm__create_activity")[0]["due_date"] == "2026-11-25"


@pytest.mark.parametrize(
    ("body", "task", "writes"),
    [
        ("Hello, when can you deliver the heaters to the site? Thanks", "Confirm the delivery date", True),
        ("Votre offre est trop chère, faites-nous une remise, trop cher pour nous.", "Decide on the price", True),
        ("Atlantic nous propose une autre offre.", "Compare with the competitor", True),
        ("C'est inacceptable, toujours rien reçu.", "Call about the complaint", True),
        ("Notre avocat vous adressera une mise en demeure.", "Take legal advice", False),
        ("Merci de ne plus nous contacter.", "Stop writing", False),
        ("Le projet est suspendu, nous annulons.", "Call to understand", False),
    ],
)
def test_another_mail_another_course(body, task, writes):
    """What the client writes decides the task, and whether a mail is proposed."""
    story = Story([mail(body)])
    story.play()
    assert story.calls("crm__create_activity")[0]["subject"].startswith(task)
    assert bool(story.calls("crm__send_mail")) is writes


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ("Nous passons finalement à 72 radiateurs.", "title", "Résidence Les Tilleuls - 72 connected radiators"),
        ("La signature est prévue le 15 décembre.", "expected_close_date", "2026-12-15"),
        ("We will sign on January 12.", "expected_close_date", "2027-01-12"),
    ],
)
def test_a_named_value_goes_into_the_deal(body, field, value):
    """A quantity or a signing date that the client names is written to the deal."""
    story = Story([mail(body)])
    story.play()
    assert story.calls("crm__update_deal") == [{"deal_id": "42", "field": field, "value": value}]


def test_an_answered_mail_is_not_answered_again():
    """When we wrote last, no mail is proposed."""
    ours = mail("Voici.", sender="claire@chaleo.example", at="2026-11-23 09:00:00")
    story = Story([mail(QUOTE), ours])
    story.play()
    assert not story.calls("crm__send_mail")


def test_silence_past_a_follow_up_is_written_to():
    """A due follow-up without an answer leads to a call and a mail."""
    brief = 'Today is 2026-11-23.\n{"kind": "follow_up.due", "entity": "deal:42", "summary": "no answer yet"}'
    story = Story([mail("Voici notre offre.", sender="claire@chaleo.example")], brief=brief)
    story.play()
    assert story.calls("crm__create_activity")[0]["type"] == "call"
    assert len(story.calls("crm__send_mail")) == 1


REJECTED = "A person rejected this, so it was not done. Reason: {}."


def test_a_rejection_is_final_unless_it_asks_for_a_change():
    """A plain no is taken as a no, and the report tells it."""
    story = Story([mail(QUOTE)], {"crm__send_mail": (REJECTED.format("I will call him myself"), True)})
    report = story.play()
    assert len(story.calls("crm__send_mail")) == 1
    assert any("Did not send the mail" in deed and "call him myself" in deed for deed in report["what_i_did"])


def test_a_wish_for_a_shorter_mail_is_met_once():
    """ "Plus court" brings a shorter version, and a second no ends it."""
    no = (REJECTED.format("plus court"), True)
    story = Story([mail(QUOTE)], {"crm__send_mail": [no, no]})
    story.play()
    first, second = story.calls("crm__send_mail")
    assert len(second["body"]) < len(first["body"])


def test_the_mail_sent_is_no_news():
    """What send_mail answers doesn't change what the run was about."""
    sent = {
        "from": "agent@chaleo.example",
        "subject": "Re",
        "timestamp": "2026-11-23 09:00:00",
        "title": "x",
        "stage": 1,
    }
    story = Story([mail(QUOTE)], {"crm__send_mail": json.dumps(sent)})
    assert story.play()["headline"] == f"{DEAL['title']}: a request for a quote"


def test_an_edit_is_told():
    """When a person changed the mail, the report says so."""
    story = Story([mail(QUOTE)], {"crm__send_mail": "A person edited this before it ran: subject"})
    assert any("edited by a person" in deed for deed in story.play()["what_i_did"])


def test_a_failed_tool_is_told_and_not_tried_again():
    """An error of a tool stands in the report, and the run goes on."""
    story = Story([mail(QUOTE)], {"crm__add_note": ("503 from the CRM", True)})
    report = story.play()
    assert len(story.calls("crm__add_note")) == 1
    assert "crm__add_note failed: 503 from the CRM" in report["what_i_did"]
    assert any(deed.startswith("Sent to j.moreau") for deed in report["what_i_did"])


def test_without_leave_to_call_tools_it_reports():
    """When tools are forbidden the answer is the report, of what is known so far."""
    tools = tuple(spec(name, arguments) for name, arguments in OFFERED.items())
    talk = Conversation("m", 1000, (Turn("user", BRIEF),), tools=tools, choice=ToolChoice("none"))
    assert orchestrate(talk).document["what_i_did"] == ["Nothing: there was nothing to do"]


def test_a_changed_event_changes_the_note():
    """Another stage in the event is another note."""
    notes = []
    for stage in (3, 5):
        story = Story([], brief=BRIEF.replace("[2, 3]", f"[2, {stage}]"))
        story.play()
        notes.append(story.calls("crm__add_note")[0]["content"])
    assert "stage_id went from 2 to 3" in notes[0]
    assert "stage_id went from 2 to 5" in notes[1]

"""Triage, event by event."""

import json

import pytest

from sandbox.model.conversation import Conversation, Turn
from sandbox.model.rules.triage import triage


def decide(*events, today="2026-11-23"):
    lines = [f"Today is {today}.", *(json.dumps(event, ensure_ascii=False) for event in events)]
    conversation = Conversation("m", 100, (Turn("user", "\n".join(lines)),))
    return triage(conversation).document


def change(**fields):
    return {"kind": "deal.change", "entity": "deal:7", "by": "pipedrive:user:12", "changes": fields}


def note(text, by="pipedrive:user:12"):
    return {"kind": "note.create", "entity": "deal:7", "by": by, "summary": text}


def activity(text, **changes):
    event = {"kind": "activity.change", "entity": "deal:7", "by": "pipedrive:user:12", "summary": text}
    return {**event, "changes": changes}


@pytest.mark.parametrize(
    ("event", "verdict", "urgency"),
    [
        (change(last_incoming_mail_time=["2026-11-20", "2026-11-23"]), "act", "normal"),
        (change(stage_id=[2, 3]), "act", "normal"),
        (change(status=["open", "lost"]), "act", "high"),
        (change(value=[10000, 14000]), "act", "normal"),
        (change(expected_close_date=["2026-12-01", "2027-02-01"]), "act", "normal"),
        (change(title=["Tilleuls - 64 radiators", "Tilleuls - 72 radiators"]), "act", "normal"),
        ({"kind": "follow_up.due", "by": "agent:sales", "summary": "See whether they answered"}, "act", "normal"),
        ({"kind": "follow_up.off", "by": "agent:sales", "summary": "The client wrote"}, "act", "normal"),
        ({"kind": "message", "by": "slack:U0CLAIRE", "summary": "Can you look at deal 7?"}, "act", "normal"),
        (note("Le client menace : mise en demeure par son avocat."), "act", "high"),
        (note("Client asks for a quote for the annex"), "act", "normal"),
        (change(label_ids=[[1], [1, 2]]), "skip", "low"),
        (change(owner_id=[11, 12]), "skip", "low"),
        (change(value=[48600, 48601]), "skip", "low"),
        (change(title=["Tilleuls - 64 radiators", "TILLEULS – 64 radiators"]), "skip", "low"),
        (change(stage_id=[3, 3]), "skip", "low"),
        (note("Réponse automatique : je suis absent jusqu'au 30 novembre. Une question ?"), "skip", "low"),
        (note("Automatic reply: out of the office"), "skip", "low"),
        (note("Newsletter de novembre : notre actualité chauffage"), "skip", "low"),
        (note("Je m'en occupe, j'ai rappelé le client ce matin"), "skip", "low"),
        (note("Next: send the quote by 2026-11-25.", by="pipedrive:user:90"), "skip", "low"),
        (activity('Activity 9 "Send the quote" created'), "skip", "low"),
        (activity('Activity 9 "Call" changed: client asks for a quote for 20 more'), "act", "normal"),
        (activity('Activity 9 "Call" changed', due_date=["2026-11-25", "2026-11-20"]), "act", "normal"),
        ({"kind": "deal.exploded", "summary": "?"}, "act", "low"),
    ],
)
def test_one_event(event, verdict, urgency):
    """Each kind of news has its verdict and its urgency."""
    decision = decide(event)
    assert (decision["verdict"], decision["urgency"]) == (verdict, urgency)


def test_substance_among_noise_decides():
    """A stage change between label edits is acted on, and the reason names it alone."""
    decision = decide(change(label=["a", "b"]), change(stage_id=[2, 4]), change(label=["b", "c"]))
    assert decision["verdict"] == "act"
    assert decision["reason"] == "stage_id went from 2 to 4."


def test_a_skip_names_everything_it_saw():
    """The reason for a skip quotes each piece of noise."""
    reason = decide(change(label=["a", "b"], owner_id=[11, 12]))["reason"]
    assert "label went from 'a' to 'b'" in reason
    assert "owner_id went from 11 to 12" in reason


def test_news_in_plain_words_is_read_too():
    """A request without JSON lines is judged by its words."""
    conversation = Conversation("m", 100, (Turn("user", "The client asks for a discount"),))
    decision = triage(conversation).document
    assert decision["verdict"] == "act"
    assert "an objection to the price" in decision["reason"]

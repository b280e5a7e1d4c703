"""What is worth remembering."""

import json

from sandbox.model.conversation import Conversation, Turn
from sandbox.model.rules.insights import insights

MAIL = {
    "from": "j.moreau@rhone.example",
    "subject": "Tilleuls",
    "body": "Bonjour, Atlantic est moins cher. Nous devons décider le 15 décembre. Merci à vous.",
}


def facts(text):
    return insights(Conversation("m", 100, (Turn("user", text),))).document["facts"]


def test_facts_are_the_clients_own_sentences():
    """Each fact has a stable subject and quotes the sentence it comes from."""
    found = {fact["subject"]: fact["fact"] for fact in facts(json.dumps(MAIL, ensure_ascii=False))}
    assert found["competitor"] == "Bonjour, Atlantic est moins cher."
    assert found["closing date"] == "Nous devons décider le 15 décembre."


def test_nothing_said_is_nothing_learnt():
    """No fact is a good answer."""
    assert facts("The label was changed.") == []

"""Personal data: what is found, that a model sees none of it, and that whoever acts on its answer has it again."""

import json
from typing import Any

import pytest

from contracts.guards import Guards, PersonalData
from gateway.guards.personal import personal
from tests.unit.gateway.guards.test_guard import Proxy, asks

MAIL, PHONE, IBAN = "j.moreau@batisseurs.example", "06 12 34 56 78", "FR76 3000 6000 0112 3456 7890 189"
ALL: tuple[PersonalData, ...] = ("email", "phone", "iban", "national_id", "ip")
GUARDS = Guards(withheld=ALL)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", MAIL),
        ("email", "o'neill+devis@sub.example.co.uk"),
        ("phone", PHONE),
        ("phone", "+49 30 1234567"),
        ("iban", IBAN),
        ("iban", "DE89370400440532013000"),
        ("national_id", "2 95 10 99 126 111 93"),
        ("national_id", "RCCMNL83S18D969H"),
        ("ip", "192.168.1.20"),
        ("ip", "2001:db8::1"),
    ],
)
def test_what_is_personal_is_found(kind: str, value: str) -> None:
    """Alone, whole, and with words in capitals behind it."""
    text = f"Voir {value} ET RIEN"
    (found,) = personal(text, ALL, "FR")
    assert (found.kind, text[found.start : found.end]) == (kind, value)


@pytest.mark.parametrize(
    "text",
    ["SIRET 380 129 866 00014", "2026-11-17 09:00:00", "42 000 EUR", "deal:42", "FR76 0000 0000 0000", "v1.2.3"],
)
def test_what_a_model_works_with_stays(text: str) -> None:
    """Companies, dates, amounts, ids, and what fails its check."""
    assert personal(text, ALL, "FR") == ()


class Echo(Proxy):
    """A model that uses what it was told: in its thinking, its words and its tool's arguments."""

    def _answer(self, request: Any) -> Any:
        told = json.loads(request.content)["messages"][-1]["content"][0]["text"]
        word = told.split()[1]
        self.content = [
            {"type": "thinking", "thinking": f"write to {word}", "signature": "s"},
            {"type": "text", "text": f'{{"to": "{word}"}}'},
            {"type": "tool_use", "id": "t1", "name": "crm__send_mail", "input": {"to": [word], "body": f"To {word}."}},
        ]
        return super()._answer(request)


@pytest.mark.parametrize("value", [MAIL, "+33612345678", "DE89370400440532013000"])
async def test_a_model_never_sees_it_and_a_tool_does(value: str) -> None:
    """It is put back in text and arguments before anything acts on them. Thinking stays as the vendor signed it."""
    proxy = Echo()
    answer = await proxy.complete(asks(f"contact: {value} please"), GUARDS)
    assert value not in proxy.sent[0].content.decode()
    assert json.loads(answer.text) == {"to": value}
    assert answer.tool_uses[0].arguments == {"to": [value], "body": f"To {value}."}
    assert answer.content[2]["input"] == {"to": [value], "body": f"To {value}."}
    assert value not in answer.content[0]["thinking"]
    assert sum(answer.taken_out.values()) == 1


async def test_a_conversation_that_goes_on_is_sent_the_same() -> None:
    """What the model said comes back with the same words for the same values: a cache holds, and a signature."""
    proxy = Echo()
    first = asks(f"contact: {MAIL} please")
    answer = await proxy.complete(first, GUARDS)
    said = json.loads(proxy.sent[0].content)["messages"]
    reply = {"role": "assistant", "content": list(answer.content)}
    more = {"role": "user", "content": [{"type": "text", "text": f"again: {MAIL} or {PHONE}"}]}
    await proxy.complete(first.model_copy(update={"messages": (*first.messages, reply, more)}), GUARDS)
    sent = json.loads(proxy.sent[1].content)["messages"]
    word = said[0]["content"][0]["text"].split()[1]
    assert sent[0] == said[0]
    assert sent[1]["content"][0] == {"type": "thinking", "thinking": f"write to {word}", "signature": "s"}
    assert sent[1]["content"][2]["input"] == {"to": [word], "body": f"To {word}."}
    assert sent[2]["content"][0]["text"].split()[1] == word
    assert PHONE not in proxy.said()


async def test_two_runs_have_two_words_for_one_person() -> None:
    """And one run one: in all its conversations."""
    proxy = Proxy()
    for run, role in (("r-1", "triage"), ("r-1", "orchestrator"), ("r-2", "triage")):
        await proxy.complete(asks(MAIL, role=role, tags={"run": run}), GUARDS)
    one, same, other = (json.loads(each.content)["messages"][0]["content"][0]["text"] for each in proxy.sent)
    assert one == same != other
    assert one.endswith("@withheld.invalid")


async def test_prompt_and_other_kinds_stay() -> None:
    """Only what is declared, and only in what is said: prompts are the agent's own, and cached for all its runs."""
    proxy = Proxy()
    call = asks(f"{MAIL} {PHONE}", system=f"You write for {MAIL}.")
    await proxy.complete(call, Guards(withheld=("phone",)))
    sent = json.loads(proxy.sent[0].content)
    assert sent["system"][0]["text"] == f"You write for {MAIL}."
    assert MAIL in proxy.said()
    assert PHONE not in proxy.said()


async def test_by_default_personal_data_leaves() -> None:
    """What is withheld is declared by the agent."""
    proxy = Proxy()
    await proxy.complete(asks(f"{MAIL} {PHONE} {IBAN}"))
    assert f"{MAIL} {PHONE} {IBAN}" in proxy.said()


async def test_a_word_that_stands_for_nothing_stays() -> None:
    """A model may make one up: nobody's address is put there."""
    proxy = Proxy({"type": "text", "text": "to email-deadbeef@withheld.invalid"})
    answer = await proxy.complete(asks(MAIL), GUARDS)
    assert answer.text == "to email-deadbeef@withheld.invalid"

"""Which rule answers, and how its answer is brought into the form that the request allows.

A rule is known by the title of the schema asked for (by output format or forced tool), else by the tools on
offer. The marker `[[sandbox: bad-json]]` in a user message spoils the first structured answer, so that tests
can see a validation error go back to the model; once the user says "validation error" the answer is good.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sandbox.model.answer import Answer, Call
from sandbox.model.conversation import Conversation
from sandbox.model.rules.fallback import fallback
from sandbox.model.rules.insights import insights
from sandbox.model.rules.orchestrate import orchestrate
from sandbox.model.rules.schema import fit, smallest
from sandbox.model.rules.tools import GET_DEAL, SEND_MAIL
from sandbox.model.rules.triage import triage

Rule = Callable[[Conversation], Answer]

BY_TITLE: Mapping[str, Rule] = {"TriageDecision": triage, "RunReport": orchestrate, "Insights": insights}
SPOIL = "[[sandbox: bad-json]]"
REPAIR = "validation error"
SPOILT = '{"sandbox": "this answer is bad on purpose"'


def choose(conversation: Conversation) -> tuple[str, Answer]:
    """The rule's name and its answer."""
    rule = _rule(conversation)
    return rule.__name__, _allowed(conversation, _formed(conversation, rule(conversation)))


def _rule(conversation: Conversation) -> Rule:
    if conversation.wanted and conversation.wanted.title in BY_TITLE:
        return BY_TITLE[conversation.wanted.title]
    if conversation.offers(GET_DEAL) or conversation.offers(SEND_MAIL):
        return fallback if conversation.wanted else orchestrate
    return fallback


def _formed(conversation: Conversation, answer: Answer) -> Answer:
    """A document as the request wants it: JSON text, the arguments of a forced tool, or plain words."""
    wanted, document = conversation.wanted, answer.document
    if document is None:
        return answer
    if wanted is None:
        words = "\n".join(f"{name}: {value}" for name, value in document.items())
        return replace(answer, document=None, text=words)
    fitted = fit(document, wanted.schema)
    if wanted.tool:
        return replace(answer, document=None, calls=(Call(wanted.tool, fitted),))
    if SPOIL in conversation.said and REPAIR not in conversation.said.lower():
        return replace(answer, document=None, text=SPOILT)
    return replace(answer, document=fitted)


def _allowed(conversation: Conversation, answer: Answer) -> Answer:
    """The answer within `tool_choice`."""
    choice, calls = conversation.choice, answer.calls
    if choice.type == "tool":
        calls = tuple(call for call in calls if call.name == choice.name)
    if choice.type in {"any", "tool"}:
        # A forced call comes alone, without words before it.
        calls = calls or (_minimal(conversation, choice.name or conversation.tools[0].name),)
        answer = replace(answer, text="", document=None)
    if choice.type == "none":
        calls = ()
    answer = replace(answer, calls=calls if choice.parallel else calls[:1])
    if answer.calls or answer.text or answer.document is not None:
        return answer
    return replace(answer, text=fallback(replace(conversation, wanted=None)).text)


def _minimal(conversation: Conversation, name: str) -> Call:
    schema = next(tool.schema for tool in conversation.tools if tool.name == name)
    return Call(name, smallest(schema))

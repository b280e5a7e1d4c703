"""The sales assistant: read, then write, then set a date, then propose a mail, then report.

Where it stands is read from the conversation: which tools were called, and what came of them.
"""

from collections.abc import Callable

from sandbox.model.answer import Answer, Call
from sandbox.model.conversation import Conversation
from sandbox.model.rules import letters, refusals, tools
from sandbox.model.rules.evidence import Evidence, gather
from sandbox.model.rules.plan import Plan, make_plan
from sandbox.model.rules.report import report

Step = Callable[[Conversation, Evidence, Plan], tuple[Call, ...]]


def orchestrate(conversation: Conversation) -> Answer:
    """The next turn: the calls of the first step that has some left, else the report."""
    evidence = gather(conversation)
    plan = make_plan(evidence)
    for step in STEPS if conversation.choice.type != "none" else ():
        calls = step(conversation, evidence, plan)
        if calls:
            said = _why(plan) if step is propose else ""
            return Answer(text=said, calls=calls, reasoning=f"sales by rules: {step.__name__} ({plan.matter})")
    document = report(evidence, plan, conversation.exchanges)
    return Answer(document=document, reasoning=f"sales by rules: report ({plan.matter})")


def read(conversation: Conversation, evidence: Evidence, _: Plan) -> tuple[Call, ...]:
    """Everything that can be read, in one go."""
    deal = {"deal_id": evidence.deal_id}
    return tools.offered(
        conversation,
        Call(tools.GET_DEAL, deal),
        Call(tools.LIST_MAILS, deal),
        Call(tools.SEARCH_NOTES, {**deal, "query": ""}),
        Call(tools.RECALL, {"entity": f"deal:{evidence.deal_id}", "query": ""}),
        _skill(conversation),
    )


def _skill(conversation: Conversation) -> Call | None:
    loader = next(
        (tool for tool in conversation.tools if tool.name.startswith("farm__") and "skill" in tool.name), None
    )
    if loader is None:
        return None
    return Call(loader.name, dict.fromkeys(loader.schema.get("properties", {}), "follow-up-mail"))


def record(conversation: Conversation, evidence: Evidence, plan: Plan) -> tuple[Call, ...]:
    """A note, a task, and the field that somebody named."""
    deal = {"deal_id": evidence.deal_id}
    task = {
        **deal,
        "subject": plan.course.task,
        "type": plan.course.type,
        "due_date": plan.due.isoformat(),
        "note": plan.asked,
    }
    update = Call(tools.UPDATE_DEAL, {**deal, "field": plan.field[0], "value": plan.field[1]}) if plan.field else None
    return tools.offered(
        conversation,
        Call(tools.ADD_NOTE, {**deal, "content": _note(plan)}),
        Call(tools.CREATE_ACTIVITY, task),
        update,
    )


def _note(plan: Plan) -> str:
    quote = f' In their words: "{plan.asked}"' if plan.asked else ""
    return f"{plan.what}.{quote} Next: {plan.course.task.lower()} by {plan.due.isoformat()}."


def set_date(conversation: Conversation, _: Evidence, plan: Plan) -> tuple[Call, ...]:
    """Somebody looks again if nothing comes. The tool says how it wants to be told the day."""
    if not conversation.offers(tools.FOLLOW_UP):
        return ()
    properties = tools.properties_of(conversation, tools.FOLLOW_UP)
    day = plan.again.isoformat()
    told = {
        name: f"{day}T09:00:00Z" if part.get("format") == "date-time" else day
        for name, part in properties.items()
        if name in {"date", "at", "on", "when", "due_date"}
    }
    reason = f"See whether the client answered ({plan.matter})"
    return tools.offered(conversation, Call(tools.FOLLOW_UP, {**told, "reason": reason}))


def propose(conversation: Conversation, evidence: Evidence, plan: Plan) -> tuple[Call, ...]:
    """A mail, once; and once more when a person said how it should be changed."""
    if not plan.course.writes or not evidence.address or not conversation.offers(tools.SEND_MAIL):
        return ()
    earlier = [each for each in conversation.exchanges if each.call.name == tools.SEND_MAIL]
    if len(earlier) > 1 or (earlier and not refusals.asks_for_another(earlier[0])):
        return ()
    letter = letters.write(evidence, plan, short=bool(earlier))
    arguments = {"deal_id": evidence.deal_id, "to": evidence.address, "subject": letter.subject, "body": letter.body}
    return (Call(tools.SEND_MAIL, tools.fit_call(conversation, tools.SEND_MAIL, arguments)),)


def _why(plan: Plan) -> str:
    """What a person who must approve the mail wants to know first."""
    return (
        f"{plan.what}. They expect an answer, so I propose one: {plan.course.task.lower()} by {plan.due.isoformat()}."
    )


STEPS: tuple[Step, ...] = (read, record, set_date, propose)

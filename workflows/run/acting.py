"""From a model's tool use to its result: policy, a person where policy wants one, then the call."""

from pydantic import JsonValue

from contracts import names
from contracts.calls import ToolCall, ToolResultRef, ToolUse
from contracts.effects import effect_key
from contracts.failures import FailureKind
from contracts.policy import Consent, Rule
from workflows import steps
from workflows.people import blocks
from workflows.people.consenting import OVERTAKEN, consented, executed, forbidden
from workflows.people.doubt import settled
from workflows.people.inquiring import inquire
from workflows.run import farm_tools
from workflows.run.agent_run import AgentRun
from workflows.run.delegating import delegate
from workflows.run.facts import Proposal
from workflows.run.wish import Wish


async def act(run: AgentRun, step: str, use: ToolUse, proposal: Proposal) -> ToolResultRef:
    """Serve one tool use. Whatever goes wrong for good is told to the model, not raised."""
    if use.name in farm_tools.NAMES:
        return _serve_farm_tool(run, use)
    if use.name == names.DELEGATE:
        return await delegate(run, step, use)
    if use.name == names.ASK_PERSON:
        return await inquire(run, step, use, proposal)
    nature = run.kit.tools.get(use.name)
    if nature is None:
        return _told(use, f"There is no tool {use.name}. There are: {', '.join(sorted(run.kit.tools))}.")
    if run.reins.came and not nature.read_only:
        return _told(use, OVERTAKEN)
    return await _as_policy_says(Wish(run, step, use, nature, proposal))


async def _as_policy_says(wish: Wish) -> ToolResultRef:
    rule = wish.ruling(wish.use.arguments)
    if rule.consent is Consent.DENY:
        return _told(wish.use, forbidden(rule))
    if rule.consent is Consent.ASK:
        return await _act_if_approved(wish, rule)
    return await _call(wish, wish.use.arguments)


async def _act_if_approved(wish: Wish, rule: Rule) -> ToolResultRef:
    settled = await consented(wish, rule)
    if settled.arguments is None:
        return _told(wish.use, settled.told)
    result = await _call(wish, settled.arguments)
    await executed(wish, settled.record, settled.arguments)
    if settled.arguments == wish.use.arguments:
        return result
    changed = blocks.differences(wish.use.arguments, settled.arguments)
    told = [f"A person edited this before it ran: {changed}", result.text]
    return result.model_copy(update={"text": "\n\n".join(filter(None, told))})


async def _call(wish: Wish, arguments: dict[str, JsonValue]) -> ToolResultRef:
    run, step, use, nature = wish.run, wish.step, wish.use, wish.nature
    site = run.site(step)
    server, tool = names.split_tool_name(use.name)
    call = ToolCall(
        site=site,
        server=server,
        tool=tool,
        arguments=arguments,
        effect_key="" if nature.read_only else effect_key(site, use.name, arguments),
        repeatable=not nature.read_only and (nature.idempotent or nature.once),
        reconcile=nature.reconcile,
        quick=nature.quick,
        hop=run.hop,
    )
    reply = await steps.call_tool(call, blocks.in_words(use.name, arguments))
    reply, told = await settled(run, call, reply)
    run.saw(step, use.name, arguments, reply)
    if call.effect_key:
        run.pin(blocks.deed(step, use.name, arguments, reply))
    if reply.failure in _SAID:
        told = _SAID[reply.failure]
        run.note_trouble(use.name, reply)
    # A reply without a reference is nowhere else to be read.
    text = "\n\n".join(filter(None, (told, "" if reply.ref else reply.preview)))
    return ToolResultRef(tool_use_id=use.id, ref=reply.ref, text=text, is_error=reply.is_error)


# What a model is told ahead of a server's own words, so that it neither repeats the call nor works around a limit.
_SAID: dict[FailureKind | None, str] = {
    "budget": "The tool's own quota or budget is used up. It was not done, and asking again in this run won't help.",
    "refused": "The tool's server refused this by its own policy or rights. It was not done; don't work round it.",
}


def _serve_farm_tool(run: AgentRun, use: ToolUse) -> ToolResultRef:
    if use.name == names.SET_FOLLOW_UP:
        follow_up, result = farm_tools.follow_up(use, run.now(), run.spec)
        if follow_up:
            run.plan(follow_up)
        return result
    if use.name == names.CANCEL_FOLLOW_UP:
        run.plan(None)
        return farm_tools.calling_off(use)
    return farm_tools.skill(use, run.kit)


def _told(use: ToolUse, text: str) -> ToolResultRef:
    return ToolResultRef(tool_use_id=use.id, text=text, is_error=True)

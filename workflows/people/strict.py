"""The strict check: what may change something has a rule, or its agent doesn't work. Pure."""

from collections.abc import Collection, Mapping

from contracts import names
from contracts.agents import ToolNature
from contracts.policy import ApprovalPolicy


def unruled(agent: str, policy: ApprovalPolicy, tools: Mapping[str, ToolNature]) -> str:
    """Which tools policy says nothing of, and the very lines that mend it; empty where it says something of each."""
    ruled = {rule.tool for rule in policy.rules}
    found = [(name, nature) for name, nature in sorted(tools.items()) if not nature.read_only and name not in ruled]
    if not found:
        return ""
    declared = ", ".join(f"{name} ({_declared(nature)})" for name, nature in found)
    lines = "\n".join(f'    Rule(tool="{name}", consent=Consent.ASK, why="..."),' for name, _ in found)
    return (
        f"{agent} has tools that may change something, and no rule of its policy names them: {declared}. "
        f"Say what is to become of their calls, among the rules in workflows/{agent}/agent.py:\n{lines}"
    )


def unknown(agent: str, policy: ApprovalPolicy, tools: Collection[str], servers: Collection[str]) -> tuple[str, ...]:
    """What policy names and no server has, a line each: mostly a slip of the pen. `servers`: those that were heard."""
    named = {rule.tool: f"a rule of {agent} names {rule.tool}" for rule in policy.rules}
    for rule in policy.rules:
        named |= {each.reads: f"`still` of {agent}'s rule for {rule.tool} reads {each.reads}" for each in rule.still}
    return tuple(
        f"{what}, which {server} doesn't have"
        for tool, what in sorted(named.items())
        if tool not in tools and (server := names.split_tool_name(tool)[0]) in servers
    )


def _declared(nature: ToolNature) -> str:
    """What its server says of it. That makes a repetition less harmful, and the call itself none the less."""
    said = [word for word in ("idempotent", "once") if getattr(nature, word)]
    return f"declared {' and '.join(said)}" if said else "nothing declared"

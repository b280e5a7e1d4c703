"""What the process list says once for all agents, spelt out for each: the parts with `each = "agent"`, their secrets.

Done on the file's plain data before it is checked, so that all behind it knows of parts and secrets alone. The
placeholders are told at the list's head.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ops.errors import FarmError

Plain = dict[str, Any]


def spelt_out(listed: Plain, agents: Sequence[str]) -> Plain:
    """The list for these agents. FarmError for a part of each agent whose name is the same for all."""
    own: Mapping[str, Sequence[str]] = listed.get("agent-secrets", {})
    of_all = {f"{{agents.{name}}}": json.dumps({each: _secret(name, each) for each in agents}) for name in own}
    secrets = {
        f"{name}_{agent}": _replaced(variables, {"{AGENT}": agent.upper().replace("-", "_")})
        for name, variables in own.items()
        for agent in agents
    }
    rest = {key: value for key, value in listed.items() if key != "agent-secrets"}
    whole = {**rest, "secrets": {**listed.get("secrets", {}), **secrets}}
    if isinstance(listed.get("settings"), dict):
        whole["settings"] = {name: _setting(each, agents, own) for name, each in listed["settings"].items()}
    if isinstance(listed.get("parts"), dict):
        whole["parts"] = _parts(listed["parts"], agents, own)
    return {key: _replaced(value, of_all) for key, value in whole.items()}


def _setting(setting: Plain, agents: Sequence[str], own: Mapping[str, Sequence[str]]) -> Plain:
    named = [[f"{name}_{agent}" for agent in agents] if name in own else [name] for name in setting.get("with", [])]
    return {**setting, "with": [name for each in named for name in each]}


def _parts(parts: Plain, agents: Sequence[str], own: Mapping[str, Sequence[str]]) -> Plain:
    spelt: Plain = {}
    for name, part in parts.items():
        if not isinstance(part, dict) or part.get("each") != "agent":
            spelt[name] = part
        elif "{agent}" not in name:
            raise FarmError(f"process list, parts.{name}: a part of each agent needs {{agent}} in its name")
        else:
            for number, agent in enumerate(agents):
                words = {"{agent}": agent, **{f"{{agent.{secret}}}": _secret(secret, agent) for secret in own}}
                spelt[name.replace("{agent}", agent)] = _replaced(_moved(part, number), words)
    return spelt


def _moved(part: Plain, number: int) -> Plain:
    """A pattern as the part of the agent with this number: its ports are the first agent's, counted up."""
    ports = {name: port + number for name, port in part.get("ports", {}).items()}
    return {**{key: value for key, value in part.items() if key != "each"}, "ports": ports}


def _secret(name: str, agent: str) -> str:
    return f"{{secret.{name}_{agent}}}"


def _replaced(value: Any, words: Mapping[str, str]) -> Any:
    """The same data with these words replaced in every text of it."""
    if isinstance(value, str):
        for word, by in words.items():
            value = value.replace(word, by)
        return value
    if isinstance(value, dict):
        return {key: _replaced(each, words) for key, each in value.items()}
    return [_replaced(each, words) for each in value] if isinstance(value, list) else value

"""Each case as the question that production would ask: same prompt file, same rendering, same request."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evals.cases import Case
from gateway.calls.call import Call
from gateway.calls.request import parameters
from gateway.models.roles import read
from workflows.sales.answers import TriageDecision
from workflows.sales.rules import triage_brief

PROMPT = Path(__file__).parents[1] / "workflows" / "sales" / "prompts" / "triage.md"
ROLE = "triage"


def write(cases: Iterable[Case], path: Path, prompt: str) -> None:
    """The questions as JSON lines, for tools that don't share the farm's environment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(question(case, prompt), ensure_ascii=False) + "\n" for case in cases)
    path.write_text("".join(lines))


def question(case: Case, prompt: str) -> dict[str, Any]:
    """One case: what goes to the gateway, and what the tools' own pages show beside it."""
    return {
        "id": case.id,
        "expected": case.expected,
        "hard": case.hard,
        "language": case.language,
        "why": case.why,
        "system": prompt,
        "user": triage_brief(case.events, case.today),
        "request": _request(call(case, prompt)),
    }


def probe(prompt: str) -> Mapping[str, Any]:
    """A question outside the dataset, to see that somebody answers, and who."""
    return _request(_call("Today is 2026-11-23.\nEvents: none.", prompt, "probe"))


def call(case: Case, prompt: str) -> Call:
    """One case, as production asks its model."""
    return _call(triage_brief(case.events, case.today), prompt, case.id)


def _call(brief: str, prompt: str, name: str) -> Call:
    return Call(
        role=ROLE,
        system=prompt,
        messages=({"role": "user", "content": brief},),
        answer_schema=TriageDecision.model_json_schema(),
        max_tokens=1024,
        temperature=read().roles[ROLE].temperature,
        call_id=f"eval/{name}",
    )


def _request(asked: Call) -> dict[str, Any]:
    return {key: value for key, value in parameters(asked).items() if key != "extra_headers"}

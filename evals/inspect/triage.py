"""Triage as an Inspect task. Runs in envs/inspect, on the questions that the farm's own code wrote."""

import json
import os
from pathlib import Path

from inspect_ai import Task, task  # type: ignore[import-not-found]
from inspect_ai.dataset import MemoryDataset, Sample  # type: ignore[import-not-found]
from inspect_ai.model import (  # type: ignore[import-not-found]
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    get_model,
)
from inspect_ai.scorer import (  # type: ignore[import-not-found]
    CORRECT,
    INCORRECT,
    Score,
    Scorer,
    Target,
    accuracy,
    scorer,
    stderr,
)
from inspect_ai.solver import TaskState, generate  # type: ignore[import-not-found]

ROLE = "anthropic/triage"
"""Inspect's provider for the Messages API, and the gateway's role behind it."""


@task  # type: ignore[untyped-decorator]
def triage() -> Task:
    """Every question once, through the gateway."""
    questions = [json.loads(line) for line in Path(os.environ["FARM_EVAL_QUESTIONS"]).read_text().splitlines()]
    request = questions[0]["request"]
    return Task(
        dataset=MemoryDataset([_sample(question) for question in questions], name="triage"),
        solver=generate(),
        scorer=verdict(),
        # The farm sends the schema as `output_config`; Inspect's own option sends the older field.
        model=get_model(
            ROLE,
            config=GenerateConfig(max_tokens=request["max_tokens"], max_retries=0, max_connections=2),
            extra_body={"output_config": request["output_config"]},
        ),
    )


def _sample(question: dict[str, str]) -> Sample:
    return Sample(
        id=question["id"],
        input=[ChatMessageSystem(content=question["system"]), ChatMessageUser(content=question["user"])],
        target=question["expected"],
        metadata={key: question[key] for key in ("language", "hard", "why")},
    )


@scorer(metrics=[accuracy(), stderr()])  # type: ignore[untyped-decorator]
def verdict() -> Scorer:
    """Whether the answer's verdict is the expected one."""

    async def score(state: TaskState, target: Target) -> Score:
        try:
            said = str(json.loads(state.output.completion)["verdict"])
        except (ValueError, KeyError, TypeError):
            said = ""
        right = said == target.text
        return Score(value=CORRECT if right else INCORRECT, answer=said, explanation=state.output.completion)

    return score

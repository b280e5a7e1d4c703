"""What the swap of models comes to: the numbers, and whether they are as they must be. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from store.tables import ModelCallRow

WITHIN_S = 60.0
STRUCTURED = ("triage-1", "learn-1")
"""Steps whose answer must fit a schema. A second one of their phase was a repair."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunSeen(_Value):
    """One run, by the ledger."""

    run: str
    status: str
    calls: int
    models: dict[str, tuple[str, ...]]
    """Role -> the models that answered, by their own names."""

    tool_uses: int
    cache_read_tokens: int
    repairs: int
    """Structured answers that had to be asked again."""

    fallbacks: int
    cost_usd: float


class SwapVerdict(_Value):
    """What `./farm drill swap-model --json` prints."""

    drill: str
    command: str
    set_s: float
    """The command itself."""

    first_answer_s: float
    """From the command's start until the other vendor had answered a new run."""

    done_s: float
    """From the command's start until that run was done: tools, a person's yes, report and all."""

    moved: RunSeen
    """The run that began after the command."""

    stayed: RunSeen
    """The run that was in flight."""

    stayed_calls_after: int
    """Of it, made after the command."""

    took_s: float
    wrong: tuple[str, ...]
    """What is not as it must be, one sentence each; empty where the drill held."""


def seen(run: str, status: str, calls: Sequence[ModelCallRow]) -> RunSeen:
    """A run as the ledger has it. The stand-in's prefix is left out of the models' names."""
    roles = dict.fromkeys(call.role for call in calls)
    steps = {call.step for call in calls}
    return RunSeen(
        run=run,
        status=status,
        calls=len(calls),
        models={role: tuple(sorted({_name(call.model) for call in calls if call.role == role})) for role in roles},
        tool_uses=sum(len(call.reply.get("tool_uses", ())) for call in calls),
        cache_read_tokens=sum(call.cache_read_tokens for call in calls),
        repairs=sum(step.replace("-1", "-2") in steps for step in STRUCTURED),
        fallbacks=sum(call.fallback for call in calls),
        cost_usd=round(sum(call.cost_usd for call in calls), 6),
    )


def complaints(
    moved: RunSeen, stayed: RunSeen, wanted: Mapping[str, str], before: Mapping[str, str], done_s: float
) -> Iterator[str]:
    """One sentence for each thing that is not as it must be. `wanted` and `before`: role -> model."""
    for each, models in ((moved, wanted), (stayed, before)):
        yield from _not_as_it_must_be(each, models)
    if moved.repairs:
        yield f"{moved.run}: {moved.repairs} structured answers had to be asked again"
    if not moved.tool_uses:
        yield f"{moved.run}: the other vendor's model used no tool"
    if not moved.cache_read_tokens:
        yield f"{moved.run}: the other vendor read nothing from its cache"
    if done_s >= WITHIN_S:
        yield f"it took {done_s:.0f} s, and less than {WITHIN_S:.0f} are allowed"


def _not_as_it_must_be(run: RunSeen, models: Mapping[str, str]) -> Iterator[str]:
    if run.status != "done":
        yield f"{run.run} ended as {run.status}"
    if run.fallbacks:
        yield f"{run.run}: {run.fallbacks} calls were answered by a standby"
    for role, model in models.items():
        if (answered := run.models.get(role, ())) != (model,):
            yield f"{run.run}: {role} is {model}'s, and {' and '.join(answered) or 'nobody'} answered"


def _name(model: str) -> str:
    return model.rpartition("/")[2]

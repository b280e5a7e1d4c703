"""A conversation that nears its model's window goes on from a summary by the cheap role.

The opening (brief and material) stays word for word, and with it the vendor's cached prefix; so do the newest results
and the facts that the run pinned. The whole chain can still be read back.
"""

from contracts.calls import Material, ModelCall, ToolResultRef
from contracts.workflows import TalkState
from workflows.run.agent_run import AgentRun
from workflows.run.thinking import think

SUM_UP = (
    "This conversation nears the length that fits. Write down what whoever goes on must know, in at most 600 words: "
    "what was found out (names, dates, amounts, ids, word for word), what was done and with what result, what people "
    "decided or refused, what was tried in vain, what is still to do, and which calls were made last and why. "
    "State facts only. Their newest results need no summary: they will be given again whole."
)
GO_ON = "The conversation had grown long. Above is its beginning and a summary of what came after. Go on from there."
GIVEN_AFTER = "(given in full after the summary)"


def is_long(run: AgentRun, talk: TalkState) -> bool:
    return bool(talk.head) and talk.tokens >= run.limits.conversation_tokens


async def sum_up(run: AgentRun, talk: TalkState, asked: ModelCall) -> TalkState:
    """The same conversation, short. `asked`: a call of it, for its prompt and its tools."""
    step = run.next_step(f"{talk.phase}-summary")
    call = ModelCall(
        site=run.site(step),
        role=run.spec.summary_role,
        prompt=asked.prompt,
        tools=asked.tools,
        head=talk.head,
        say=SUM_UP,
        results=tuple(ToolResultRef(tool_use_id=each.tool_use_id, text=GIVEN_AFTER) for each in talk.results),
        final=True,
        fold=True,
        pinned=tuple(run.pinned),
        max_tokens=2000,
    )
    reply = await think(run, call)
    return talk.model_copy(
        update={
            "head": reply.head,
            "tokens": 0,
            "results": (),
            "material": (*talk.material, *map(_as_material, talk.results)),
            "say": "\n\n".join(filter(None, (GO_ON, talk.say))),
        }
    )


def _as_material(result: ToolResultRef) -> Material:
    return Material(title=f"Result of call {result.tool_use_id}", ref=result.ref, text=result.text)

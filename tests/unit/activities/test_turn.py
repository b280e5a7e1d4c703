"""One turn in the vendor's format."""

import pytest

from activities.turn import LONGEST, folded, refs, user_turn
from contracts.calls import CallSite, Material, ModelCall, ToolReply, ToolResultRef

CALL = ModelCall(site=CallSite(run="a:e:1/run-1", step="s"), role="triage", prompt="triage")


def turn(texts=None, **call):
    return user_turn(CALL.model_copy(update=call), texts or {})


def test_results_come_first():
    """The vendor refuses a message whose tool results stand behind its text."""
    shown = turn(
        {"r1": "found", "m1": "the deal"},
        say="Go on.",
        results=(ToolResultRef(tool_use_id="t1", ref="r1"),),
        material=(Material(title="Deal", ref="m1"),),
    )
    assert shown["role"] == "user"
    assert [block["type"] for block in shown["content"]] == ["tool_result", "text", "text"]
    assert shown["content"][2]["text"] == "Go on."


@pytest.mark.parametrize(
    ("result", "content"),
    [
        ({"ref": "r1"}, "found"),
        ({"text": "no such tool"}, "no such tool"),
        ({"ref": "r1", "text": "A person edited this"}, "A person edited this\n\nfound"),
        ({"ref": "empty"}, "(nothing)"),
    ],
)
def test_a_result_is_never_empty(result, content):
    """By reference, inline, or both; the vendor refuses an empty one."""
    shown = turn({"r1": "found", "empty": ""}, results=(ToolResultRef(tool_use_id="t1", **result),))
    assert shown["content"] == [{"type": "tool_result", "tool_use_id": "t1", "content": content}]


def test_an_error_is_marked():
    """The model knows a failure from a finding."""
    shown = turn(results=(ToolResultRef(tool_use_id="t1", text="no", is_error=True),))
    assert shown["content"][0]["is_error"] is True


def test_everything_a_message_needs_is_fetched():
    """Each reference that the call holds, and no empty one."""
    call = CALL.model_copy(
        update={
            "results": (ToolResultRef(tool_use_id="t1", ref="r1"), ToolResultRef(tool_use_id="t2", text="x")),
            "material": (Material(title="Deal", ref="m1"),),
        }
    )
    assert refs(call) == ("r1", "m1")


def test_what_could_not_be_read_is_said():
    """The model is told of a gap instead of taking silence for an answer."""
    missing = Material.of("Its latest mails", ToolReply(ref="", preview="crm did not answer", is_error=True))
    message = turn(material=(missing,))
    assert "could not be read: crm did not answer" in message["content"][0]["text"]


def test_one_result_does_not_fill_the_window():
    """A result longer than a model should be shown is cut, and says so."""
    shown = turn({"r1": "x" * (LONGEST + 7)}, results=(ToolResultRef(tool_use_id="t1", ref="r1"),))
    text = shown["content"][0]["content"]
    assert text.startswith("x" * LONGEST)
    assert "7 characters more" in text


def test_a_folded_conversation_keeps_its_opening():
    """The first message stays, for the vendor's cache; what is on record follows the summary word for word."""
    opening, *_ = talk = [{"role": "user", "content": "Begin."}, {"role": "assistant", "content": "Yes."}]
    first, told = folded(talk, "They want blue.", ("note 7 added",))
    assert first is opening
    assert told["role"] == "assistant"
    text = told["content"][0]["text"]
    assert text.endswith("They want blue.\n\nOn record, word for word:\n- note 7 added")

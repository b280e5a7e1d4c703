"""What a committed history doesn't tell."""

from tests.replay.scrubbing import scrubbed


def test_whose_machine_it_was_is_blanked():
    """Process, host, code hash and paths go, wherever they stand."""
    event = {"eventId": "3", "attributes": {"identity": "77@laptop", "failure": {"stackTrace": 'File "/home/me"'}}}
    assert scrubbed([event]) == [
        {"eventId": "3", "attributes": {"identity": "recorder", "failure": {"stackTrace": ""}}}
    ]


def test_a_sticky_queue_is_a_process():
    """Its name goes; the agent's own queue stays."""
    sticky = {"name": "77@laptop-1", "kind": "TASK_QUEUE_KIND_STICKY", "normalName": "agent-sales"}
    normal = {"name": "agent-sales", "kind": "TASK_QUEUE_KIND_NORMAL"}
    assert scrubbed({"a": sticky, "b": normal}) == {"a": {**sticky, "name": "recorder"}, "b": normal}

"""Calls for the real proxy, each a logical call of its own."""

from itertools import count

from gateway.calls.call import Call

_numbers = count(1)


def call(role: str = "triage", said: str = "The client asks for a new offer.", **more: object) -> Call:
    return Call.model_validate(
        {
            "role": role,
            "system": "You sort events.",
            "messages": [{"role": "user", "content": said}],
            "call_id": f"sales:deal:42/run-1/{role}-{next(_numbers)}",
            "tags": {"agent": "sales", "entity": "deal:42", "org": "Bâtisseurs du Rhône"},
            **more,
        }
    )

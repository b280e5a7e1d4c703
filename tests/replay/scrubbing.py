"""A history without whose machine it was recorded on. Pure."""

from typing import Any

RECORDER = "recorder"
# Process and host, code hash, paths of a traceback: true of one machine and one day.
PERSONAL = {"identity": RECORDER, "workerId": RECORDER, "buildId": RECORDER, "binaryChecksum": "", "stackTrace": ""}


def scrubbed(value: Any) -> Any:
    """The same history for the replayer; what it doesn't read is blanked."""
    match value:
        case {"kind": "TASK_QUEUE_KIND_STICKY"}:  # its name is the process's
            return {**value, "name": RECORDER}
        case dict():
            return {key: PERSONAL.get(key, scrubbed(inner)) for key, inner in value.items()}
        case list():
            return [scrubbed(inner) for inner in value]
        case _:
            return value

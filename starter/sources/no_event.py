"""What a payload is that is no event: of no interest, or not what its source sends. The same for every source."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Ignored:
    """A sound payload that concerns nothing an agent could look after."""

    reason: str


class MalformedWebhookError(ValueError):
    """Not a payload of its source; the message says which field is wrong."""


def parsed(model: type[M], payload: Any) -> M:
    """The payload in its source's format. Raises MalformedWebhookError with the first field that is wrong."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "payload"
        raise MalformedWebhookError(f"{where}: {first['msg']}") from error

"""Images and PDFs as parts of what the user says, in this vendor's words.

https://platform.openai.com/docs/guides/images-vision, https://platform.openai.com/docs/guides/pdf-files
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.model.attachments import is_what_it_says
from sandbox.model.chat.errors import RefusedRequestError, invalid


def attached(messages: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What kind each is. Raises `VendorError` (400) for one that isn't, or that anybody but the user has attached."""
    found: list[str] = []
    for index, message in enumerate(messages):
        content = message.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part.get("type") in {"image_url", "file"}:
                _refuse_elsewhere(index, message["role"])
                found.append(_kind(f"messages[{index}].content[{number}]", part))
    return tuple(found)


def _refuse_elsewhere(index: int, role: str) -> None:
    if role != "user":
        raise RefusedRequestError(
            f"Invalid 'messages[{index}]'. Image URLs are only allowed for messages with role 'user', but this message "
            f"with role '{role}' contains an image URL.",
            f"messages[{index}]",
            "invalid_value",
        )


def _kind(where: str, part: Mapping[str, Any]) -> str:
    image = part["type"] == "image_url"
    told = str(part["image_url"].get("url") if image else (part.get("file") or {}).get("file_data"))
    media_type, _, data = told.removeprefix("data:").partition(";base64,")
    if not is_what_it_says(media_type, data):
        field = "image_url.url" if image else "file.file_data"
        raise invalid(f"{where}.{field}", f"Invalid '{where}.{field}'. Expected a base64-encoded data URL of a file.")
    return media_type

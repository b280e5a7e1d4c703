"""Text that can be stored. A model can write half of a surrogate pair, which no UTF-8 file or JSON column takes."""

from typing import Any


def well_formed(value: Any) -> Any:
    """The JSON value with every lone surrogate replaced by U+FFFD, and every pair written as one character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {well_formed(key): well_formed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [well_formed(each) for each in value]
    return value

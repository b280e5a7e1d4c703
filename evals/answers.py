"""A model's answer, read as strictly as production reads it."""

from pydantic import ValidationError

from workflows.sales.answers import TriageDecision


def verdict(text: str) -> str:
    """`act` or `skip`; empty for an answer that is no valid decision."""
    try:
        return TriageDecision.model_validate_json(text).verdict
    except ValidationError:
        return ""

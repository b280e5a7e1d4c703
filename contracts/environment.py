"""A process's settings, read from its environment once, at its start."""

import sys
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET = ("PASSWORD", "TOKEN", "SECRET", "SECRETS", "KEY", "STORE_URL")
"""Ends of the names whose values are never shown; a database's URL has its password in it."""


class Environment(BaseSettings):
    """Base of the settings classes. A wrong value is a ValidationError; `explain` says it in lines for a person."""

    # Pydantic shows the whole input where one variable is missing, passwords and all.
    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True)


S = TypeVar("S", bound=Environment)


def read(settings: type[S], who: str) -> S:
    """The process's settings, or its end with a text that names each wrong variable."""
    try:
        return settings()
    except ValidationError as error:
        sys.exit(f"{who}: wrong environment\n{explain(error, settings)}")


def explain(error: ValidationError, settings: type[Environment]) -> str:
    """What is wrong with the environment, a line for each variable: its name, the fault, and its value if no secret."""
    return "\n".join(
        _line(_variable(settings, str(each["loc"][0])), each["msg"], each["input"]) for each in error.errors()
    )


def _variable(settings: type[Environment], place: str) -> str:
    # Of a default that was found wrong, pydantic says the field's name.
    field = settings.model_fields.get(place)
    return str(field.validation_alias) if field and field.validation_alias else place


def _line(name: str, fault: str, value: object) -> str:
    shown = isinstance(value, str) and not name.endswith(SECRET)
    return f"{name}: {fault}, got {value!r}" if shown else f"{name}: {fault}"

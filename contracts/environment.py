"""A process's settings, read from its environment once, at its start."""

import os
import sys
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from contracts.secret_files import UnusableSettingError, from_files

SECRET = ("PASSWORD", "TOKEN", "SECRET", "SECRETS", "KEY", "KEYS", "STORE_URL")
"""Ends of the names whose values are never shown, and which may be given by a file; a database's URL has its password
in it.
"""


class Environment(BaseSettings):
    """Base of the settings classes. A wrong value is a ValidationError; `explain` says it in lines for a person.

    A secret may be given by a file: `<NAME>_FILE`. What is wrong with that is an UnusableSettingError.
    """

    # Pydantic shows the whole input where one variable is missing, passwords and all.
    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables, and the files that they name."""
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, _Variables(settings_cls)


class _Variables(EnvSettingsSource):
    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        secrets = [name for name in map(variable, settings_cls.model_fields.values()) if name.endswith(SECRET)]
        files = from_files(secrets, os.environ)
        self.env_vars = {**self.env_vars, **{name.lower(): text for name, text in files.items()}}

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:
        try:
            return super().prepare_field_value(field_name, field, value, value_is_complex)
        except ValueError:  # its text may hold the value's
            raise UnusableSettingError(f"{variable(field)}: it is not the JSON that it should be") from None


S = TypeVar("S", bound=Environment)


def read(settings: type[S], who: str) -> S:
    """The process's settings, or its end with a text that names each wrong variable."""
    try:
        return settings()
    except ValidationError as error:
        sys.exit(f"{who}: wrong environment\n{explain(error, settings)}")
    except UnusableSettingError as error:
        sys.exit(f"{who}: wrong environment\n{error}")


def explain(error: ValidationError, settings: type[Environment]) -> str:
    """What is wrong with the environment, a line for each variable: its name, the fault, and its value if no secret."""
    return "\n".join(
        _line(_named(settings, str(each["loc"][0])), each["msg"], each["input"]) for each in error.errors()
    )


def variable(field: FieldInfo) -> str:
    """The environment variable of a setting."""
    return str(field.validation_alias or "")


def _named(settings: type[Environment], place: str) -> str:
    # Of a default that was found wrong, pydantic says the field's name.
    field = settings.model_fields.get(place)
    return (variable(field) if field else "") or place


def _line(name: str, fault: str, value: object) -> str:
    shown = isinstance(value, str) and not name.endswith(SECRET)
    return f"{name}: {fault}, got {value!r}" if shown else f"{name}: {fault}"

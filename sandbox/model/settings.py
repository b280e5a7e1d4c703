"""What the process is told at its start."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once from the environment; a bad value stops the process and is named with its key."""

    model_config = SettingsConfigDict(frozen=True)

    host: str = Field(default="127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(default=8221, validation_alias="FARM_PORT", ge=0, le=65535)
    database: str = Field(default=":memory:", validation_alias="SANDBOX_DB")
    """SQLite file that keeps the batches over a restart."""

    model_prefix: str = Field(default="sandbox-rules/", validation_alias="SANDBOX_MODEL_PREFIX")
    """Stands before the asked model's name in every answer, so that no one takes it for the real one."""

    requests_per_minute: int = Field(default=100_000, validation_alias="SANDBOX_MODEL_RPM", ge=1)
    window_seconds: float = Field(default=60.0, validation_alias="SANDBOX_MODEL_WINDOW_SECONDS", gt=0)
    """How long the vendor's minute lasts: a shorter one tells in seconds what a real one does in minutes."""

    batch_seconds: float = Field(default=2.0, validation_alias="SANDBOX_MODEL_BATCH_SECONDS", ge=0)
    """How long a batch takes. The vendor's takes minutes to hours."""

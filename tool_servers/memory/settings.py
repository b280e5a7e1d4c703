"""What this tool server is told by its environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at the start. A wrong value is a ValidationError that names the variable and the value."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True)

    host: str = Field("127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(8103, validation_alias="FARM_PORT", ge=1, le=65535)
    store_url: str = Field("sqlite+aiosqlite:///.farm/farm.db", validation_alias="FARM_STORE_URL")

"""What the sandbox CRM is told by its environment, read once at the start."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Both doors, the data file, and where webhooks go."""

    model_config = SettingsConfigDict(frozen=True)

    host: str = Field("127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(8201, validation_alias="FARM_PORT")
    smtp_port: int = Field(8202, validation_alias="FARM_SMTP_PORT")
    db: Path = Field(Path(".farm/sandbox-crm.db"), validation_alias="SANDBOX_DB")
    webhook_url: str = Field("", validation_alias="SANDBOX_CRM_WEBHOOK_URL")
    """Empty: no subscription is made; `POST /v1/webhooks` still works."""

    webhook_username: str = Field("", validation_alias="SANDBOX_CRM_WEBHOOK_USERNAME")
    webhook_password: str = Field("", validation_alias="SANDBOX_CRM_WEBHOOK_PASSWORD")
    webhook_retries: tuple[float, ...] = Field((1.0, 5.0, 20.0), validation_alias="SANDBOX_CRM_WEBHOOK_RETRIES")
    """Seconds before the second, third and fourth attempt, as a JSON list. The vendor waits 3, 30 and 150."""

    rate_limit: bool = Field(default=True, validation_alias="SANDBOX_CRM_RATE_LIMIT")
    """False: the headers are still sent, nothing is refused."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What this process reads from its environment, once, at its start."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(default=8211, validation_alias="FARM_PORT")
    db: Path = Field(default=Path(".farm/sandbox-slack.db"), validation_alias="SANDBOX_DB")
    bot_token: str = Field(default="xoxb-sandbox", validation_alias="SANDBOX_SLACK_BOT_TOKEN", min_length=1, repr=False)
    signing_secret: str = Field(
        default="sandbox-signing-secret",
        validation_alias="SANDBOX_SLACK_SIGNING_SECRET",
        min_length=1,
        repr=False,
    )
    interactions_url: str = Field(default="", validation_alias="SANDBOX_SLACK_INTERACTIONS_URL")
    """Where clicks and submitted modals are sent. Empty: a click says that no app listens."""

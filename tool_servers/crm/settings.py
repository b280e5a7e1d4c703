"""What this tool server is told by its environment."""

from pydantic import Field, SecretStr

from contracts.environment import Environment
from store.address import StoreUrl


class Settings(Environment):
    """Read once at the start. A wrong value is a ValidationError that names the variable and the value."""

    host: str = Field("127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(8101, validation_alias="FARM_PORT", ge=1, le=65535)
    store_url: StoreUrl = Field("sqlite+aiosqlite:///.farm/farm.db", validation_alias="FARM_STORE_URL")
    api_url: str = Field("https://api.pipedrive.com", validation_alias="PIPEDRIVE_API_URL", pattern="^https?://")
    api_token: SecretStr = Field(validation_alias="PIPEDRIVE_API_TOKEN", min_length=1)
    """Belongs to a user of its own, so that the CRM names the agent as the author of what it writes."""

    smtp_host: str = Field("127.0.0.1", validation_alias="MAIL_SMTP_HOST")
    smtp_port: int = Field(25, validation_alias="MAIL_SMTP_PORT", ge=1, le=65535)
    smtp_username: str = Field("", validation_alias="MAIL_SMTP_USERNAME")
    smtp_password: SecretStr = Field(SecretStr(""), validation_alias="MAIL_SMTP_PASSWORD")
    mail_from: str = Field("agent@chaleo.example", validation_alias="MAIL_FROM", pattern=r"^.*\S+@\S+$")
    mail_filing_seconds: float = Field(30, validation_alias="MAIL_FILING_SECONDS", ge=0)
    """How long the CRM's dropbox may take to file a mail. Waited out before one that may have gone is sent again."""

    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")

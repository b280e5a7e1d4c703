"""What this tool server is told by its environment."""

from pydantic import Field

from contracts.environment import Environment
from store.address import StoreUrl


class Settings(Environment):
    """Read once at the start. A wrong value is a ValidationError that names the variable and the value."""

    host: str = Field("127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(8103, validation_alias="FARM_PORT", ge=1, le=65535)
    store_url: StoreUrl = Field("sqlite+aiosqlite:///.farm/farm.db", validation_alias="FARM_STORE_URL")
    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")

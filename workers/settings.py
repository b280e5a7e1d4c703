"""A worker's settings, read once at its start. The SDK reads its own (`TEMPORAL_ADDRESS` and the like)."""

from pydantic import Field

from contracts.environment import Environment
from store.address import StoreUrl


class WorkerSettings(Environment):
    """Environment of `python -m workers <pool>`. A missing or misshapen value names its key."""

    store_url: StoreUrl = Field(alias="FARM_STORE_URL")
    gateway_url: str = Field(alias="FARM_GATEWAY_URL")
    gateway_key: str = Field(alias="FARM_GATEWAY_KEY", repr=False)
    tool_servers: dict[str, str] = Field(alias="FARM_TOOL_SERVERS")
    """Tool server name -> URL of its MCP door."""

    channel: str = Field(alias="SLACK_CHANNEL")
    """Slack channel id for reports and questions."""

    build_id: str = Field(default="", alias="FARM_BUILD_ID", pattern=r"^(\w[\w.-]{0,127})?$")
    """The release that this code is: the image's tag. Empty: unversioned, and any code goes on with whatever runs."""

    otlp_endpoint: str | None = Field(default=None, alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    host: str = Field(default="127.0.0.1", alias="FARM_HOST")
    port: int = Field(default=8301, alias="FARM_PORT", ge=1, le=65535)
    """Where `/healthz` answers."""

    batch_quiet_s: float | None = Field(default=None, alias="FARM_BATCH_QUIET_S", gt=0)
    """Seconds without a further request before those that aren't urgent are submitted; unset: as the agent declares."""

    concurrent_activities: int = Field(default=50, alias="FARM_CONCURRENT_ACTIVITIES", ge=1)
    cached_workflows: int = Field(default=500, alias="FARM_CACHED_WORKFLOWS", ge=0)
    drain_s: float = Field(default=5, alias="FARM_DRAIN_S", ge=0)
    """How long a stopping worker lets activities finish, in seconds."""

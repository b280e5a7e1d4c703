"""What the starter is told by its environment, read once at the start."""

import re
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from contracts.environment import Environment
from starter.sources.catalogue import RESERVED, catalogue, flaw_of
from starter.sources.pipedrive import SOURCE as CRM
from store.address import StoreUrl

Secrets = Annotated[tuple[SecretStr, ...], NoDecode]
"""Separated by commas, or a line each. All are valid at once: one can be changed and nobody is refused meanwhile."""


class Settings(Environment):
    """The starter's settings. A wrong one is a ValidationError; `explain` says it in a line for a person."""

    host: str = Field("127.0.0.1", validation_alias="FARM_HOST")
    port: int = Field(8080, validation_alias="FARM_PORT", ge=1, le=65535)
    store_url: StoreUrl = Field("sqlite+aiosqlite:///.farm/farm.db", validation_alias="FARM_STORE_URL")

    source_secrets: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], tuple[SecretStr, ...]] = Field(
        {}, validation_alias="FARM_SOURCE_SECRETS"
    )
    """Source -> the secrets by which it is known, as JSON: `{"billing": ["..."], "mail": ["..."]}`."""

    webhook_username: str = Field("pipedrive", validation_alias="FARM_WEBHOOK_USERNAME", pattern="^[^:]+$")
    webhook_passwords: Secrets = Field((), validation_alias="FARM_WEBHOOK_PASSWORD", validate_default=True)
    """The CRM's. Its other way in: `pipedrive` and `pipedrive-path` among the source's secrets."""

    pipedrive_api_url: str = Field("https://api.pipedrive.com", validation_alias="PIPEDRIVE_API_URL")
    pipedrive_api_token: SecretStr = Field(SecretStr(""), validation_alias="PIPEDRIVE_API_TOKEN")
    """Empty: nobody writes to the CRM from here, so there is no echo of ours to know."""

    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    slack_bot_token: SecretStr = Field(SecretStr(""), validation_alias="SLACK_BOT_TOKEN")
    slack_signing_secrets: Secrets = Field((), validation_alias="SLACK_SIGNING_SECRET")
    """Empty: interactions are refused, since none could be verified."""

    public_url: str = Field("", validation_alias="FARM_PUBLIC_URL", pattern=r"^(https?://[^/?#]+)?$")
    """As people's browsers reach this starter, without a path. Empty: its own address, which does on loopback."""

    page_secrets: Secrets = Field((), validation_alias="FARM_PAGE_SECRET")
    """What the page's sessions are signed with: by the first. Empty, on loopback: made up at each start."""

    oidc_issuer: str = Field("", validation_alias="FARM_OIDC_ISSUER")
    oidc_client_id: str = Field("", validation_alias="FARM_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(SecretStr(""), validation_alias="FARM_OIDC_CLIENT_SECRET")
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = Field((), validation_alias="FARM_OIDC_DOMAINS")
    """Of people's verified addresses. Empty: whomever the issuer lets in."""

    temporal_ui_url: str = Field("", validation_alias="FARM_TEMPORAL_UI_URL")
    traces_url: str = Field("", validation_alias="FARM_TRACES_URL")
    """As browsers have them, for a run's page. Empty: no link."""

    inbox_most_rows: int = Field(100_000, validation_alias="FARM_INBOX_MOST_ROWS", ge=0)
    disk_free_mb: int = Field(200, validation_alias="FARM_DISK_FREE_MB", ge=0)
    in_flight: int = Field(200, validation_alias="FARM_IN_FLIGHT", ge=0)
    rate_per_s: float = Field(0, validation_alias="FARM_RATE_PER_S", ge=0, allow_inf_nan=False)
    """Limits; 0 is none. What is over is refused with a reason, and counted."""

    ready_lead_s: float = Field(0.5, validation_alias="FARM_READY_LEAD_S", ge=0, le=60)
    """Seconds from `/readyz` saying no to the door closing. Behind a balancer: more than it takes to notice."""

    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")

    def keyring(self) -> dict[str, tuple[str, ...]]:
        """All sources' secrets, in the clear, by name."""
        crm = tuple(f"{self.webhook_username}:{word}" for word in plain(self.webhook_passwords))
        keys = {name: plain(secrets) for name, secrets in self.source_secrets.items()}
        return keys | {CRM: (*crm, *keys.get(CRM, ()))}

    @field_validator("source_secrets")
    @classmethod
    def _usable(cls, value: dict[str, tuple[SecretStr, ...]]) -> dict[str, tuple[SecretStr, ...]]:
        if taken := sorted(value.keys() & RESERVED):
            raise ValueError(f"{', '.join(taken)} has a way in of its own; give the source another name")
        known = catalogue()
        for name, secrets in value.items():
            if flaw := next((flaw for each in plain(secrets) if (flaw := flaw_of(name, each, known))), ""):
                raise ValueError(f"a secret of {name} can't be one: {flaw}")
        return value

    @field_validator("webhook_passwords")
    @classmethod
    def _some_way_in(cls, value: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
        elsewhere = info.data.get("source_secrets", {})
        if not value and not any(name.startswith(CRM) for name in elsewhere):
            raise ValueError(f"must be set, or {CRM} in FARM_SOURCE_SECRETS: the CRM has no other way in")
        return value

    @field_validator("oidc_domains")
    @classmethod
    def _in_small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each.lower().removeprefix("@") for each in value)

    @field_validator("webhook_passwords", "slack_signing_secrets", "page_secrets", "oidc_domains", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in re.split(r"[,\n]", value) if part.strip())


def plain(secrets: tuple[SecretStr, ...]) -> tuple[str, ...]:
    """The words themselves."""
    return tuple(secret.get_secret_value() for secret in secrets)

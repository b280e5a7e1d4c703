"""Whether the page is served at all, and how people come in. Pure: read from the settings once, at the start.

With an OIDC issuer people sign in there. Without one anybody is whoever they say they are: that is for a developer's
own machine, so then the starter must listen on loopback alone.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starter.settings import Settings, plain


@dataclass(frozen=True)
class Provider:
    """Where people sign in, and who of them is let in."""

    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...] = ()
    """Of verified addresses. Empty: whomever the provider lets in."""


@dataclass(frozen=True)
class Terms:
    """How the page is served."""

    public_url: str
    """As people's browsers have it, without a slash at the end."""

    secrets: tuple[str, ...]
    """What sessions are signed with: by the first; the others are still known."""

    provider: Provider | None = None
    """None: nobody is asked for a proof."""

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")


@dataclass(frozen=True)
class Closed:
    """The page isn't served, and why. Everything else is."""

    reason: str


def terms(settings: Settings) -> Terms | Closed:
    """How the page is served by these settings."""
    is_local = is_loopback(settings.host)
    if not settings.oidc_issuer:
        if not is_local:
            return Closed(
                "without FARM_OIDC_ISSUER nobody proves who they are, so the page is only served on loopback, and "
                f"FARM_HOST is {settings.host}"
            )
        return Terms(settings.public_url or _own(settings), _secrets(settings))
    if missing := _missing(settings, is_local=is_local):
        return Closed(f"with FARM_OIDC_ISSUER, {missing} must be set too")
    public_url = settings.public_url or _own(settings)
    for name, url in (("FARM_OIDC_ISSUER", settings.oidc_issuer), ("FARM_PUBLIC_URL", public_url)):
        if not _is_guarded(url):
            return Closed(f"{name} must begin with https://, but for one on loopback")
    provider = Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_domains,
    )
    return Terms(public_url, _secrets(settings), provider)


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine is meant: `127.0.0.1`, `::1`, `localhost`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _missing(settings: Settings, *, is_local: bool) -> str:
    given = {
        "FARM_OIDC_CLIENT_ID": settings.oidc_client_id,
        "FARM_OIDC_CLIENT_SECRET": settings.oidc_client_secret.get_secret_value(),
        # Made up by each process, they would end at a restart, and on no two replicas be the same.
        "FARM_PAGE_SECRET": is_local or settings.page_secrets,
        "FARM_PUBLIC_URL": is_local or settings.public_url,
    }
    return " and ".join(name for name, value in given.items() if not value)


def _secrets(settings: Settings) -> tuple[str, ...]:
    return plain(settings.page_secrets) or (secrets.token_urlsafe(32),)


def _own(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _is_guarded(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))

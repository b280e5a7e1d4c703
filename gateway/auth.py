"""Who may call the gateway: one key per agent, and the operator's master key.

Loaded by the proxy, in its own environment: nothing but LiteLLM and the standard library is there.
"""

import hmac
import json
import os

from litellm.proxy._types import (  # type: ignore[import-not-found]  # only in the proxy's own environment
    LitellmUserRoles,
    ProxyException,
    UserAPIKeyAuth,
)
from starlette.requests import Request


async def authenticate(request: Request, api_key: str) -> UserAPIKeyAuth:
    """The agent behind a key. Raises `ProxyException` (401) for a key that nobody has.

    Keys are in `FARM_GATEWAY_KEYS`, as JSON of agent to key, and `LITELLM_MASTER_KEY`.
    """
    del request
    given = api_key.removeprefix("Bearer ").strip()
    if _same(given, os.environ.get("LITELLM_MASTER_KEY", "")):
        return UserAPIKeyAuth(api_key=given, user_role=LitellmUserRoles.PROXY_ADMIN)
    for agent, key in json.loads(os.environ.get("FARM_GATEWAY_KEYS") or "{}").items():
        if _same(given, key):
            return UserAPIKeyAuth(api_key=given, key_alias=agent, user_id=agent)
    raise ProxyException(
        message="No agent has this gateway key. FARM_GATEWAY_KEY of the caller must be one of FARM_GATEWAY_KEYS.",
        type="authentication_error",
        param="x-api-key",
        code=401,
    )


def _same(given: str, key: str) -> bool:
    return bool(key) and hmac.compare_digest(given.encode(), key.encode())

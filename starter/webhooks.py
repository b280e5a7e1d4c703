"""The webhooks: who may send them. What is in them is `reading`'s matter, and what becomes of it `taking`'s."""

import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from starter.body import read_json
from starter.intake.taking import Taking
from starter.limits import Rate
from starter.refusals import Refused
from starter.sources.basic_auth import CHALLENGE, Credentials
from starter.sources.mail import SOURCE as MAIL
from starter.sources.pipedrive import SOURCE as PIPEDRIVE
from starter.sources.signed import HEADER, NotSignedError, verify


class PipedriveWebhooks:
    """`POST /webhooks/pipedrive`, with basic auth."""

    def __init__(self, credentials: Credentials, taking: Taking, rate: Rate) -> None:
        self._credentials = credentials
        self._taking = taking
        self._rate = rate

    async def receive(self, request: Request) -> Response:
        """202 accepted, duplicate, spooled or quarantined, 200 ignored, 4xx refused, 503 to be sent again."""
        if not self._credentials.accept(request.headers.get("authorization", "")):
            raise Refused(401, "wrong user name or password", "unauthorized", headers=CHALLENGE)
        self._rate.take()
        return await self._taking.body(PIPEDRIVE, await read_json(request))


class SignedWebhooks:
    """`POST /webhooks/signed/<source>` and `POST /webhooks/mail`, signed with a secret of that source."""

    def __init__(self, secrets: Mapping[str, tuple[str, ...]], taking: Taking, rate: Rate) -> None:
        self._secrets = secrets
        self._taking = taking
        self._rate = rate

    async def receive(self, request: Request) -> Response:
        """As of Pipedrive. A source that nobody knows is refused as a wrong secret is: none learns which there are."""
        source = request.path_params.get("source", MAIL)
        body = await read_json(request)
        try:
            verify(body, request.headers.get(HEADER, ""), self._secrets.get(source, ()), time.time())
        except NotSignedError as error:
            raise Refused(401, str(error), "unauthorized") from error
        self._rate.take()
        return await self._taking.body(source, body)

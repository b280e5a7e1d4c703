"""The doors of the sources: who may come in. What is read is the source's matter, what becomes of it `taking`'s."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from starter.body import read_json
from starter.intake.taking import Taking
from starter.limits import Rate
from starter.refusals import Refused
from starter.sources.catalogue import Catalogue, keys_to
from starter.sources.source import ANY_NAME, Door, Sent, Source, UnknownSenderError

Keyring = Mapping[str, tuple[str, ...]]
"""All secrets, by the name under which they are kept."""


@dataclass(frozen=True)
class Webhook:
    """`POST` at one door of one source. `keys`: by name, for a source there may be many behind one door."""

    source: Source
    door: Door
    keys: Keyring
    taking: Taking
    rate: Rate

    async def receive(self, request: Request) -> Response:
        """202 accepted, duplicate, spooled or quarantined, 200 ignored, 4xx refused, 503 to be sent again."""
        if self.door.proof.of_body:
            body = await read_json(request)
            name = self._sender(request, body)
            self.rate.take()
        else:
            name = self._sender(request)
            self.rate.take()
            body = await read_json(request)
        return await self.taking.body(name, body)

    def _sender(self, request: Request, body: bytes = b"") -> str:
        """The source it is. One that nobody knows is refused as a wrong secret is: none learns which there are."""
        name: str = request.path_params.get(ANY_NAME, self.source.name)
        sent = Sent(dict(request.headers), request.path_params, body)
        try:
            self.door.proof.check(sent, self.keys.get(name, ()), time.time())
        except UnknownSenderError as error:
            raise Refused(401, str(error), "unauthorized", headers=error.headers) from error
        return name


def webhooks(known: Catalogue, keyring: Keyring, taking: Taking, rate_per_s: float) -> tuple[Webhook, ...]:
    """Every door of every source. What a source may send in a second, it may send by all its doors together."""
    rates = {name: Rate(rate_per_s) for name in known}
    return tuple(
        Webhook(source, door, keys_to(source, door, keyring, known), taking, rates[source.name])
        for source in known.values()
        for door in source.doors
    )

"""What an answer that broke off in the middle came to. In the proxy's own environment."""

import json

from starlette.datastructures import Headers

from gateway.accounts.paid import by_usage
from gateway.accounts.spend import Paid
from gateway.prices import pricing
from gateway.prices.money import picodollars
from gateway.proxy.candour import PRICED_AS
from gateway.proxy.streamed import BROKE_OFF


def came_to(headers: Headers) -> Paid | None:
    """By the headers of the error that it ended in. None where no answer had begun, or nothing broke off."""
    told = json.loads(headers.get(BROKE_OFF, "{}"))
    if not told:
        return None
    usage = {"input_tokens": 0, "output_tokens": 0, **told}
    model = headers.get(PRICED_AS, "")
    rates = pricing.told(model, usage)
    return by_usage(model, usage, picodollars(pricing.cost(rates, usage)) if rates else 0)

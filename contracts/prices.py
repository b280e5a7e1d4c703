"""What the tokens of one model cost, and how a call's cost follows from it. Pure."""

from pydantic import Field

from contracts.calls import Usage
from contracts.frozen import Lasting


class Rates(Lasting):
    """US dollars a token, as they held for one call.

    `model`: the name under which the price stands. `version`: where it stands, and a mark of the model and all that is
    said of it here; two prices of one version are the same.
    """

    model: str
    version: str
    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cache_read: float = Field(ge=0)
    cache_write: float = Field(ge=0)
    """Kept for five minutes."""

    cache_write_1h: float = Field(ge=0)
    batch: float = Field(default=1.0, ge=0, le=1)
    """The share of all these that a call in a batch costs; 1 where nothing is known of one."""

    def cost(self, usage: Usage, written_1h: int = 0, *, batch: bool = False) -> float:
        """US dollars. `written_1h`: how many of the tokens written to the cache are kept for an hour.

        It is linear in the tokens, so the cost of a sum is the sum of the costs.
        """
        whole = (
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cache_read_tokens * self.cache_read
            + (usage.cache_write_tokens - written_1h) * self.cache_write
            + written_1h * self.cache_write_1h
        )
        return whole * self.batch if batch else whole

    def uncached(self, usage: Usage, *, batch: bool = False) -> float:
        """What the same tokens had cost without a cache."""
        read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        return self.cost(Usage(input_tokens=read, output_tokens=usage.output_tokens), batch=batch)

"""What an agent's requests to models are held to before they leave."""

from typing import Literal

from pydantic import Field

from contracts.frozen import Frozen

PersonalData = Literal["email", "phone", "iban", "national_id", "ip"]


class Guards(Frozen):
    """Secrets are always taken out, whatever stands here. Not pinned with a run: a stricter deploy holds at once."""

    withheld: tuple[PersonalData, ...] = ()
    """Kinds of personal data that leave as placeholders, and are put back in what the model answers."""

    country: str = Field(default="FR", pattern=r"^[A-Z]{2}$")
    """Where a phone number without a country's prefix is from."""

    most_tokens: int = Field(default=200_000, ge=1)
    """Of text in one request, counted as four bytes each. A conversation goes on from a summary at 150,000
    (`Limits.conversation_tokens`), so one turn may bring 50,000 more; what is above is mostly a mistake, and paid for.
    """

    most_bytes: int = Field(default=24_000_000, ge=1)
    """Of a whole request, pictures and documents among it. The vendors take 32 MB."""

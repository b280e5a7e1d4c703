"""What the gateway has heard of a model call that is under way."""

from pydantic import Field

from contracts.frozen import Lasting


class CallProgress(Lasting):
    """Seconds are counted back from now, but for the first piece's: that one came so long after the call had gone."""

    asked_s: float = Field(ge=0)
    sent_s: float | None = None
    """None: it waits at the gateway for its turn."""

    streams: bool = False
    """Its answer comes in pieces; of another nothing is heard until it is whole."""

    first_after_s: float | None = None
    last_s: float | None = None
    """Since any sign of life."""

    characters: int = Field(default=0, ge=0)

    def told(self) -> str:
        """For whoever looks at a call that takes long."""
        if self.sent_s is None:
            return f"it waits its turn at the gateway, {self.asked_s:.0f} s by now"
        if not self.streams:
            return f"asked {self.sent_s:.0f} s ago, and the answer comes whole"
        if self.first_after_s is None:
            lives = "" if self.last_s is None else f", a sign of life {self.last_s:.0f} s ago"
            return f"asked {self.sent_s:.0f} s ago, and no word of the answer yet{lives}"
        first = f"first word after {self.first_after_s:.0f} s"
        return f"{first}, {self.characters} characters, the last {self.last_s or 0:.0f} s ago"

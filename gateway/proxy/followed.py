"""A request that the fence follows to its end, and what is known of it on the way."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from gateway.accounts.spend import Paid
from gateway.proxy import batches
from gateway.proxy.auth import BATCHES


@dataclass
class Request:
    """An HTTP request under way. `entered`: the book's name for its call."""

    size: int | None
    asks: bool = True
    """Something of a vendor that may cost. A look at a batch costs nothing, and is free to whoever may send no more."""

    entered: str = ""
    status: int | None = None
    broke_off: bool = False
    """Its vendor's stream did. LiteLLM takes what had come of it for an answer, and says that it was paid."""

    came_to: Paid | None = None
    """What of it had come by then."""

    says: Paid | None = None
    """What its answer says that it came to, where nobody else is asked."""

    looked_at: Paid | None = None
    """The same, where LiteLLM is asked for its own opinion."""

    path: str = ""
    in_batch: tuple[str, ...] = ()
    """The book's names for the requests of a batch that this one submits."""

    agent: str = ""
    told: list[bytes] = field(default_factory=list)
    """What was answered, of those whose answer is read here."""

    @property
    def submits(self) -> bool:
        return self.path == BATCHES and self.asks

    @property
    def reads(self) -> bool:
        """Whether what is answered says something for the book."""
        return self.submits or bool(batches.batch_of(self.path))


followed: ContextVar[Request | None] = ContextVar("farm_request", default=None)

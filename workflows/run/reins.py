"""A run at work: what people said and what news came that the agent hasn't heard, and whether it is to hold. Pure."""

from dataclasses import dataclass, field

from contracts.events import Event
from contracts.steering import Pause, Resume, Steer, SteerReceipt, UseModels


@dataclass
class Reins:
    """A run's handlers put things in; its loop takes them out between two turns."""

    steered: list[Steer] = field(default_factory=list)
    paused_by: str = ""
    came: list[Event] = field(default_factory=list)
    """News of the entity, not heard yet."""

    deaf: bool = False
    """The thinking that can be steered is over."""

    unrecorded: list[Steer | Pause | Resume | UseModels] = field(default_factory=list)

    @property
    def unheard(self) -> bool:
        """Whether there is something that the agent is to hear."""
        return bool(self.steered or self.came)

    def steer(self, word: Steer) -> SteerReceipt:
        if self.deaf:
            return SteerReceipt(accepted=False, message="too late: the run has its answer already")
        self.steered.append(word)
        self.unrecorded.append(word)
        return SteerReceipt(accepted=True, message="the agent hears it before its next turn")

    def pause(self, wish: Pause) -> None:
        if not self.paused_by:
            self.paused_by = wish.by
            self.unrecorded.append(wish)

    def resume(self, wish: Resume) -> None:
        if self.paused_by:
            self.paused_by = ""
            self.unrecorded.append(wish)

    def bring(self, event: Event) -> None:
        """Take news in. What comes too late is left to the entity's next run."""
        if not self.deaf:
            self.came.append(event)

    def hear(self) -> str:
        """What people said since the last turn, as the model is told it; empty where nobody did."""
        words, self.steered = self.steered, []
        return "\n\n".join(f"A person ({word.by}) tells you while you work: {word.text}" for word in words)

    def hear_news(self) -> tuple[Event, ...]:
        """What came since the last turn."""
        news, self.came = tuple(self.came), []
        return news

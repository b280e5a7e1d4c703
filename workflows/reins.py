"""Steering a run at work: what people said that the agent hasn't heard, and whether it is to hold. Pure."""

from dataclasses import dataclass, field

from contracts.steering import Pause, Resume, Steer, SteerReceipt


@dataclass
class Reins:
    """A run's handlers put things in; its loop takes them out between two turns."""

    steered: list[Steer] = field(default_factory=list)
    paused_by: str = ""
    deaf: bool = False
    """The thinking that can be steered is over."""

    news: list[Steer | Pause | Resume] = field(default_factory=list)
    """What isn't on record yet."""

    def steer(self, word: Steer) -> SteerReceipt:
        if self.deaf:
            return SteerReceipt(accepted=False, message="too late: the run has its answer already")
        self.steered.append(word)
        self.news.append(word)
        return SteerReceipt(accepted=True, message="the agent hears it before its next turn")

    def pause(self, wish: Pause) -> None:
        if not self.paused_by:
            self.paused_by = wish.by
            self.news.append(wish)

    def resume(self, wish: Resume) -> None:
        if self.paused_by:
            self.paused_by = ""
            self.news.append(wish)

    def hear(self) -> str:
        """What people said since the last turn, as the model is told it; empty where nobody did."""
        words, self.steered = self.steered, []
        return "\n\n".join(f"A person ({word.by}) tells you while you work: {word.text}" for word in words)

"""When an entity's history is to end, and another goes on with its state."""

from dataclasses import dataclass

from temporalio import workflow

SIGNALS = 500
"""In one history, before the entity goes on as new: a server may refuse the next, with 10,000 or fewer in it, and then
no history ever grows long enough for Temporal to suggest another."""

# What histories of before do otherwise, until they go on as new.
OVER_IN_A_WAIT = "a-long-history-goes-over-in-a-wait"
MANY_SIGNALS = "many-signals-end-a-history"


@dataclass
class History:
    """What one history of an entity has seen. `rotate_after`: runs that it takes at most."""

    rotate_after: int
    runs: int = 0
    signals: int = 0
    """Events that came by signal."""

    def is_long(self) -> bool:
        """Whether it has had its runs, or is long in events or in signals."""
        return (
            self.runs >= self.rotate_after or workflow.info().is_continue_as_new_suggested() or self._has_many_signals()
        )

    def is_over_in_a_wait(self) -> bool:
        """Whether the server says that another version is current (it never does to unversioned workers), or that the
        history is long, in events or in signals: re-deliveries alone, of which no run comes, would fill it.
        """
        info = workflow.info()
        return (
            info.is_target_worker_deployment_version_changed()
            or (info.is_continue_as_new_suggested() and workflow.patched(OVER_IN_A_WAIT))
            or self._has_many_signals()
        )

    def _has_many_signals(self) -> bool:
        return self.signals >= SIGNALS and workflow.patched(MANY_SIGNALS)

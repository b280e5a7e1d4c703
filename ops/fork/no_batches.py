"""The batches of a fork: none. Somebody waits for it, so each of its calls goes by itself, and nothing is submitted."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from contracts import names
from contracts.batches import (
    AgentName,
    BatchBook,
    BatchLeave,
    BatchOrder,
    BatchProgress,
    BatchRef,
    BatchStanding,
    BatchWish,
)

BY_ITSELF = BatchStanding(state="settled")


@activity.defn(name=names.ASK_BY_BATCH)
async def ask_by_batch(wish: BatchWish) -> BatchStanding:  # noqa: ARG001  whatever is asked
    return BY_ITSELF


@activity.defn(name=names.LEAVE_BATCH)
async def leave_batch(leave: BatchLeave) -> BatchStanding:  # noqa: ARG001
    return BY_ITSELF


@activity.defn(name=names.READ_BATCHES)
async def read_batches(of: AgentName) -> BatchBook:  # noqa: ARG001
    return BatchBook()


@activity.defn(name=names.SUBMIT_BATCH)
async def submit_batch(order: BatchOrder) -> BatchProgress:  # noqa: ARG001
    return BatchProgress(over=True)


@activity.defn(name=names.COLLECT_BATCH)
async def collect_batch(ref: BatchRef) -> BatchProgress:  # noqa: ARG001
    return BatchProgress(over=True)


NO_BATCHES: tuple[Callable[..., Any], ...] = (ask_by_batch, leave_batch, read_batches, submit_batch, collect_batch)

"""Where a stack's gateway keeps keys and spend, and how to read it.

The environment wins (`FARM_GATEWAY_STORE_URL`: a gateway that runs elsewhere); else it is the embedded stack of this
checkout that runs, or ran last. The book can be read and changed while its gateway runs, and while it doesn't.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from contracts.secret_files import UnusableSettingError, value_of
from gateway.accounts.book import BadBookUrl, Book, BookAway
from ops.errors import FarmError
from ops.stack import state


def gateway_store_url(instance: str) -> str:
    """FarmError where neither the environment nor an instance says."""
    if theirs := elsewhere():
        return theirs
    now = state.load(state.chosen(instance))
    if now is None or not now.gateway_store_url:
        raise FarmError(
            "this stack has no gateway of its own that keeps a book of keys and spend",
            "Set FARM_GATEWAY_STORE_URL to that of the gateway that you mean.",
        )
    return now.gateway_store_url


def elsewhere() -> str:
    """The book that the environment names; empty where it names none."""
    try:
        return value_of("FARM_GATEWAY_STORE_URL", os.environ)
    except UnusableSettingError as error:
        raise FarmError(str(error)) from error


@contextmanager
def gateway_book(instance: str) -> Iterator[Book]:
    """The book, open. FarmError where it can't be."""
    try:
        book = Book(gateway_store_url(instance))
    except BadBookUrl as error:
        raise FarmError(str(error)) from error
    try:
        yield book
    except BookAway as away:
        raise FarmError(str(away), "Is FARM_GATEWAY_STORE_URL right?") from away
    finally:
        book.close()

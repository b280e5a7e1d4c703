"""`python -m tests.bench.gateway_without MEASURE`: the gateway without one of the measures that make a call cheaper.

For the benchmark alone. In the gateway's own environment.
"""

import sys

from gateway.accounts.book import Book
from gateway.proxy import lean
from gateway.serve import main


def leave_out(measure: str) -> None:
    """KeyError for one that isn't taken."""
    if measure == "httptools":
        sys.modules["httptools"] = None  # type: ignore[assignment]  # not to be had: the server takes h11 then
    elif measure == "reading on the spot":
        Book.lies_open = False  # type: ignore[assignment,method-assign]
    else:
        del lean.MEASURES[measure]


if __name__ == "__main__":
    leave_out(sys.argv[1])
    main()

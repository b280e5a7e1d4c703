"""`python -m tests.bench.gateway_without MEASURE`: the gateway without one of the measures that make a call cheaper.

For the benchmark alone. In the gateway's own environment.
"""

import sys

from gateway.proxy import lean
from gateway.serve import main

LIBRARIES = {"httptools": "httptools", "uvloop": "uvloop"}
"""Left out, the server takes the slower one that it has."""


def leave_out(measure: str) -> None:
    """KeyError for one that isn't taken."""
    if library := LIBRARIES.get(measure):
        sys.modules[library] = None  # type: ignore[assignment]  # what Python itself writes there: it can't be imported
    else:
        del lean.MEASURES[measure]


if __name__ == "__main__":
    leave_out(sys.argv[1])
    main()

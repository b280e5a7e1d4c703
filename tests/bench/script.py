"""The task that every system is given: N turns of one tool call each, then the answer. Standard library alone.

The peers import it from their own environment, so nothing differs between the systems but the plumbing.
"""

import random

RESULT_BYTES = 2048
TOOL = "lookup"
ABOUT = "Look up record n."
SYSTEM = "You look records up, one after another, and then say how many there were."
ASKED = "Look up every record there is."

# Enough different words that a record is no easier to compress than prose.
_WORDS = tuple(
    "".join(random.Random(number).choices("aeioubcdfghlmnprstvz", k=3 + number % 7)) for number in range(3000)
)


def record(number: int) -> str:
    """What the tool finds: 2 KB of text, another for each number."""
    chosen = random.Random(f"record {number}").choices(_WORDS, k=RESULT_BYTES // 4)
    return f"Record {number}. {' '.join(chosen)}"[:RESULT_BYTES]


def next_lookup(found: int, turns: int) -> int | None:
    """The model's whole mind: with so many results before it, which record it wants next; None when it answers."""
    return found + 1 if found < turns else None


def answer(turns: int) -> str:
    return f"There were {turns} records."

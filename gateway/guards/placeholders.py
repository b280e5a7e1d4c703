"""Words that stand for personal data on its way to a model, and are put back in what it answers."""

import hashlib
import re
from collections import Counter
from functools import lru_cache

from contracts.guards import Guards
from gateway.guards.personal import WITHHELD, personal
from gateway.guards.taking_out import REMEMBERED, replaced

_personal = lru_cache(REMEMBERED)(personal)
_TOKEN = r"(?:email|phone|iban|national-id|ip)-[0-9a-f]{8,16}"
_WORD = re.compile(
    rf"\[(?P<bare>{_TOKEN})\]|\b(?P<address>{_TOKEN})(?:@{re.escape(WITHHELD)})?(?![\w-])", re.IGNORECASE
)


class Placeholders:
    """Those of one request. A word is made of its run and of what it stands for: so the same value has the same word
    all through a run, on whichever worker, and nothing has to be kept; and no two runs can be told to speak of one
    person.
    """

    def __init__(self, guards: Guards, run: str) -> None:
        self._guards = guards
        self._run = run
        self._values: dict[str, str] = {}

    def hide(self, text: str, counted: Counter[str]) -> str:
        """The text with words in the place of what is withheld. `counted` grows."""
        found = _personal(text, self._guards.withheld, self._guards.country)
        counted.update(each.kind for each in found)
        words = [(each, self._word(each.kind, text[each.start : each.end])) for each in found]
        return replaced(text, words) if found else text

    def put_back(self, text: str) -> str:
        """The text with the values in it. A word that stands for nothing here stays."""
        return _WORD.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        token = (match["bare"] or match["address"]).lower()
        return self._values.get(token, match[0])

    def _word(self, kind: str, value: str) -> str:
        """An address stays one: tools and answers may ask for the form of one."""
        token = self._token(kind.replace("_", "-"), value)
        return f"{token}@{WITHHELD}" if kind == "email" else f"[{token}]"

    def _token(self, kind: str, value: str) -> str:
        """Longer where two values would have the same: nobody is to be written to in another's place."""
        digest = hashlib.sha256("\0".join((self._run, kind, value)).encode("utf-8", "surrogatepass")).hexdigest()
        token = f"{kind}-{digest[:8]}"
        if self._values.setdefault(token, value) != value:
            token = f"{kind}-{digest[:16]}"
            self._values[token] = value
        return token

"""French or English, by counting the small words that only one of them has."""

import re
from typing import Literal

Language = Literal["fr", "en"]

_FRENCH = (
    "le la les des une du et est pour nous vous votre nos avec dans que qui pas sur bonjour merci je ce cette "
    "au aux sont par plus cordialement madame monsieur"
)
FRENCH = frozenset(_FRENCH.split())
_ENGLISH = (
    "the and is are for we you your our with that this of to not on hello hi dear thanks thank please have has "
    "it be would could from regards in will"
)
ENGLISH = frozenset(_ENGLISH.split())


def language(text: str, default: Language = "en") -> Language:
    """The language with more of its small words in the text; `default` when it is even."""
    words = re.findall(r"[a-zà-ÿ]+", text.lower())
    french, english = (sum(word in known for word in words) for known in (FRENCH, ENGLISH))
    if french == english:
        return default
    return "fr" if french > english else "en"

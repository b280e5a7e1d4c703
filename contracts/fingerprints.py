"""The fingerprint of a write: what a tool server is about to write, as its vendor's webhook will tell of it. Pure.

Both sides make it, the tool server from what it sends and the starter from what it gets, so both bring the value into
a normal form first: a vendor reports `48600` for the `48600.0` that it was sent. The form is cautious. Two spellings
that it doesn't bring together are taken for two writes, and an agent hears its own once; the other way round it would
be deaf.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import Field, JsonValue

from contracts.frozen import Frozen

# No more digits than any field has: a text of a million digits is text.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,9})?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_WRAPPINGS = ({"value"}, {"values"}, {"id"})


class Fingerprint(Frozen):
    """One value of one object, by the hash of its normal form."""

    about: str = Field(examples=["deal:42"])
    """What was changed; for something new, what it hangs on, for its own number isn't known before."""

    name: str = Field(examples=["stage_id", "note.create"])
    value: str

    @classmethod
    def of(cls, about: str, name: str, value: JsonValue) -> "Fingerprint":
        text = json.dumps(normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(about=about, name=name, value=digest[:32])


class OwnWrite(Frozen):
    """What one call is about to write: whose it is, how far from a person, and how it will look."""

    key: str
    """The effect's."""

    run: str = ""
    hop: int = Field(default=1, ge=0)
    prints: tuple[Fingerprint, ...]


def note_created(deal_id: str | int, mark: str) -> Fingerprint:
    """A new note, by the mark in it."""
    return Fingerprint.of(f"deal:{deal_id}", "note.create", mark)


def activity_created(deal_id: str | int, activity: Mapping[str, JsonValue]) -> Fingerprint:
    """A new activity, by what it is: a webhook doesn't tell its note, where the mark is."""
    told = {"subject": activity.get("subject"), "kind": activity.get("type"), "due_date": activity.get("due_date")}
    return Fingerprint.of(f"deal:{deal_id}", "activity.create", told)


def mail_filed(deal_id: str | int, count: JsonValue) -> Fingerprint:
    """One more outgoing mail: a webhook tells when it was filed and how many there are now, and nothing else of it."""
    return Fingerprint.of(f"deal:{deal_id}", "mail.filed", count)


def normal(value: JsonValue) -> JsonValue:
    """A value as it is compared. Numbers as text; nothing, "" and [] are one; lists in order, for labels have none."""
    if isinstance(value, bool):
        return _number(str(int(value)))
    if isinstance(value, int | float):
        return _number(repr(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return sorted((normal(each) for each in value), key=repr) or None
    if isinstance(value, dict):
        return _parts({name: normal(part) for name, part in value.items()})
    return value


def _number(text: str) -> JsonValue:
    if not re.fullmatch(_NUMBER, text):
        return text  # 1e+300, nan: no field has it
    plain = f"{Decimal(text):f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain == "-0" else plain


def _text(text: str) -> JsonValue:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    if re.fullmatch(_NUMBER, text):
        return _number(text)
    return _moment(text) if re.fullmatch(_MOMENT, text) else text or None


def _moment(text: str) -> str:
    """In UTC, to the second. The vendor's older form says no zone and means UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _parts(parts: dict[str, JsonValue]) -> JsonValue:
    """A custom field's value may come in a wrapping that tells its type: `{"type": "enum", "id": 3}` says 3."""
    rest = {name: part for name, part in parts.items() if name != "type" and part is not None}
    if rest.keys() in _WRAPPINGS:
        return next(iter(rest.values()))
    return dict(rest) or None

"""Personal data in a text: by check digits, number plans and forms. Names aren't found: that takes a model. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

import phonenumbers
from stdnum import iban
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.us import ssn

from contracts.guards import PersonalData
from gateway.guards.secrets import Found

WITHHELD = "withheld.invalid"
"""The domain of addresses that stand for others. Nobody can have it: https://www.rfc-editor.org/rfc/rfc2606"""

_EMAIL = re.compile(r"[\w.%+'-]{1,64}@(?!withheld\.invalid)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_IP = re.compile(r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})(?![\w:]|\.\d)")
# https://arthurdejong.org/python-stdnum/ says of each what its figures mean.
_NATIONAL: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"\b[12] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d\b"), nir.is_valid),
    (re.compile(r"\b\d{3}-\d\d-\d{4}\b"), ssn.is_valid),
    (re.compile(r"\b\d{2} ?\d{3} ?\d{3} ?\d{3}\b"), idnr.is_valid),
    (re.compile(r"\b\d{8}-?[A-Z]\b"), dni.is_valid),
    (re.compile(r"\b[XYZ]-?\d{7}-?[A-Z]\b"), nie.is_valid),
    (re.compile(r"\b[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]\b"), codicefiscale.is_valid),
)


def personal(text: str, kinds: tuple[PersonalData, ...], country: str) -> tuple[Found, ...]:
    """Of these kinds, in order, and none within another: what begins first goes first."""
    every = (Found(kind, *span) for kind in kinds for span in _FINDERS[kind](text, country))
    apart: list[Found] = []
    for each in sorted(every, key=lambda found: (found.start, -found.end)):
        if not apart or each.start >= apart[-1].end:
            apart.append(each)
    return tuple(apart)


Spans = Iterator[tuple[int, int]]


def _emails(text: str, _: str) -> Spans:
    return (match.span() for match in _EMAIL.finditer(text)) if "@" in text else iter(())


def _phones(text: str, country: str) -> Spans:
    for match in phonenumbers.PhoneNumberMatcher(text, country):
        if "\n" not in match.raw_string:
            yield match.start, match.end


def _ibans(text: str, _: str) -> Spans:
    """A word in capitals may follow one: so the longest beginning that is valid."""
    for match in _IBAN.finditer(text):
        words = match[0]
        while words and not iban.is_valid(words):
            words = words.rpartition(" ")[0]
        if words:
            yield match.start(), match.start() + len(words)


def _national_ids(text: str, _: str) -> Spans:
    for pattern, is_valid in _NATIONAL:
        yield from (match.span() for match in pattern.finditer(text) if is_valid(match[0]))


def _ips(text: str, _: str) -> Spans:
    return (match.span() for match in _IP.finditer(text) if _is_ip(match[0]))


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


_FINDERS: Mapping[PersonalData, Callable[[str, str], Spans]] = {
    "email": _emails,
    "phone": _phones,
    "iban": _ibans,
    "national_id": _national_ids,
    "ip": _ips,
}

"""Secrets in a text: keys and tokens by the forms that their makers gave them, passwords by what stands before them.

Pure, and nothing but the standard library: the proxy runs in LiteLLM's own image, which has nothing of ours. Nothing
here guesses by how random a text looks: hashes, ids and our own effect keys look so as well, and a model needs them.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """What is to be taken out: from `start` to `end` of the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Form:
    """How a kind of secret is written. `hints`: one of them stands in each, in small letters; looked for first, for
    that is a hundred times as fast. The pattern's group `it`, where it has one, is what goes.
    """

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    is_one: Callable[[str], bool] = bool


def _form(kind: str, hints: str, pattern: str, is_one: Callable[[str], bool] = bool) -> Form:
    return Form(kind, tuple(hints.split()), re.compile(pattern), is_one)


def secrets(text: str) -> tuple[Found, ...]:
    """In order, and none within another."""
    low = text.lower()
    found = sorted(_found(text, low), key=lambda each: (each.start, -each.end))
    apart: list[Found] = []
    for each in found:
        if not apart or each.start >= apart[-1].end:
            apart.append(each)
    return tuple(apart)


def _found(text: str, low: str) -> Iterator[Found]:
    for form in FORMS:
        if any(hint in low for hint in form.hints):
            for match in form.pattern.finditer(text):
                it = "it" if "it" in form.pattern.groupindex else 0
                if form.is_one(match[it]):
                    yield Found(form.kind, *match.span(it))


def _has_a_figure(text: str) -> bool:
    """Words that stand where a key could ("api key: see the annex") have none."""
    return any(each.isdigit() for each in text)


def _looks_chosen(text: str) -> bool:
    """A password, and not a word that says something of one ("password: required")."""
    return any(not each.isalpha() for each in text.rstrip(".,:;!?)"))


def is_card(text: str) -> bool:
    """The brands' first figures and lengths, and the check digit.

    Diners Club isn't here: its 14 figures are those of a French company's SIRET, which has the same check digit.
    """
    figures = re.sub(r"[ -]", "", text)
    return bool(_BRANDS.fullmatch(figures)) and _luhn(figures)


_BRANDS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}"
)


def _luhn(figures: str) -> bool:
    """https://en.wikipedia.org/wiki/Luhn_algorithm"""
    doubled = [2 * int(each) for each in figures[-2::-2]]
    return (sum(map(int, figures[-1::-2])) + sum(each - 9 if each > 9 else each for each in doubled)) % 10 == 0  # noqa: PLR2004


_NO_KEY_BEFORE = r"(?<![A-Za-z0-9_-])"

# Each as its maker documents or shows it; where one only says what it begins with, the rest is any long word.
FORMS: tuple[Form, ...] = (
    _form(
        "private-key",
        "private",
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\S]{0,20000}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
        r"|(?:(?:\\[nr]|\s)*[A-Za-z0-9+/=]{40,})*)",  # one that was cut has no end
    ),
    _form("private-key", "age-secret-key-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _form("password", "://", r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/:@\"'<>]*:(?P<it>[^\s/@\"'<>]+)@"),
    _form("aws-key", "akia asia abia acca", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    # Anthropic, OpenAI, OpenRouter, LiteLLM's virtual keys and our own
    _form("api-key", "sk-", _NO_KEY_BEFORE + r"sk-[A-Za-z0-9_-]{20,}", _has_a_figure),
    _form("api-key", "k_live_ k_test_", _NO_KEY_BEFORE + r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    _form("api-key", "whsec_", _NO_KEY_BEFORE + r"whsec_[A-Za-z0-9+/=]{20,}"),
    _form("api-key", "aiza", _NO_KEY_BEFORE + r"AIza[A-Za-z0-9_-]{35}"),
    _form("api-key", "sg.", _NO_KEY_BEFORE + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _form("token", "ya29. gocspx-", _NO_KEY_BEFORE + r"(?:ya29\.|GOCSPX-)[A-Za-z0-9_-]{20,}"),
    _form("token", "ghp_ gho_ ghu_ ghs_ ghr_", _NO_KEY_BEFORE + r"gh[pousr]_[A-Za-z0-9]{36,}"),
    _form("token", "github_pat_", _NO_KEY_BEFORE + r"github_pat_[A-Za-z0-9_]{50,}"),
    _form("token", "gl", _NO_KEY_BEFORE + r"gl(?:pat|dt|ft|soat|rt|ptt|cbt|imt|agent|oas)-[A-Za-z0-9_-]{20,}"),
    _form("token", "xox xapp-", _NO_KEY_BEFORE + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}", _has_a_figure),
    _form("token", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<it>[A-Za-z0-9/_-]{20,})"),
    _form("token", "npm_", _NO_KEY_BEFORE + r"npm_[A-Za-z0-9]{36}"),
    _form("token", "pypi-", _NO_KEY_BEFORE + r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    _form("token", "hf_", _NO_KEY_BEFORE + r"hf_[A-Za-z0-9]{30,}"),
    _form("token", "hvs.", _NO_KEY_BEFORE + r"hvs\.[A-Za-z0-9_-]{24,}"),
    _form("token", "shp", _NO_KEY_BEFORE + r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _form("token", "_v1_", _NO_KEY_BEFORE + r"do[opr]_v1_[a-f0-9]{64}"),
    _form("token", ":aa", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    _form("token", "eyj", _NO_KEY_BEFORE + r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    _form("token", "bearer basic", r"(?i:\b(?:bearer|basic)\s+)(?P<it>[A-Za-z0-9._~+/=-]{20,})", _has_a_figure),
    _form("api-key", "accountkey sharedaccesskey", r"(?i:\b(?:Account|SharedAccess)Key=)(?P<it>[A-Za-z0-9+/=]{40,})"),
    _form(
        "api-key",
        "key token secret",
        r"(?i:(?:api|access|secret|account|client)[ _-]?key(?:[ _-]?id)?|client[ _-]?secret"
        r"|(?:api|auth|access|refresh|bot)[ _-]?token)"
        r"\\?[\"']?\s{0,3}(?:[:=]|=>|\bis\b|\best\b)\s{0,3}\\?[\"']?(?P<it>[A-Za-z0-9._~+/=-]{16,})",
        _has_a_figure,
    ),
    _form(
        "password",
        "pass pwd kennwort passwort",
        r"(?i:\b(?:pass(?:word|wd|phrase|wort)|pwd|mot de passe|kennwort))\\?[\"']?\s{0,3}[:=]\s{0,3}\\?[\"']?"
        r"(?P<it>[^\s\"'<>\\,;\[\]]{4,200})",
        _looks_chosen,
    ),
    _form("card", "4 5 2 3 6", r"(?<![\w.+-])\d(?:[ -]?\d){14,15}(?![\w-]|[.,]\d)", is_card),
)

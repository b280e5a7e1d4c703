"""What counts as a secret in a text, and what mustn't. The examples are made up."""

import hashlib
from collections import Counter

import pytest

from contracts.calls import CallSite
from contracts.effects import effect_key
from gateway.guards.taking_out import without_secrets


def taken(text: str) -> tuple[str, Counter[str]]:
    counted: Counter[str] = Counter()
    return without_secrets(text, counted), counted


LONG = "aB3" * 20
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{'MIIE' * 16}\n{'q+/=' * 16}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("kind", "before", "secret", "after"),
    [
        ("api-key", "our key is ", f"sk-ant-api03-{LONG}", " as agreed"),
        ("api-key", "", f"sk-proj-{LONG}", ""),
        ("api-key", "charge with ", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "."),
        ("api-key", "maps: ", "AIza" + "S" * 35, ""),
        ("aws-key", "id ", "AKIA" + "IOSFODNN7EXAMPLE", " and"),
        ("api-key", "aws_secret_access_key = ", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
        ("token", "push with ", "ghp_" + "a1" * 18, ""),
        ("token", "", "glpat-" + "x" * 20, ""),
        ("token", "bot ", "xoxb-" + "1234567890-abcdef", " here"),
        ("token", "post to https://hooks.slack.com/services/", "T0AB/B0CD/" + "x" * 24, " please"),
        ("token", "Authorization: Bearer ", "abc123" * 5, ""),
        ("token", "jwt ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "s" * 20, ""),
        ("password", "postgresql://farm:", "hunter2", "@db.example/farm"),
        ("password", "Le mot de passe : ", "Chaleur34", " pour le portail"),
        ("password", '{"user": "claire", "password": "', "S0leil!", '"}'),
        ("password", r"{\"password\": \"", "S0leil!", r"\"}"),
        ("api-key", '{"api_token": "', "0123456789abcdef0123456789abcdef01234567", '"}'),
        ("private-key", "here:\n", PEM, "\nthanks"),
        ("private-key", '{"key": "', PEM.replace("\n", "\\n"), '"}'),
        ("card", "my card ", "4111 1111 1111 1111", ", 12/27"),
        ("card", "", "5500005555555559", ""),
        ("card", "amex ", "3782-822463-10005", "."),
    ],
)
def test_a_secret_is_taken_out_and_nothing_around_it(kind: str, before: str, secret: str, after: str) -> None:
    """The words before and behind stand as they were, and it is counted by its kind."""
    safe, counted = taken(f"{before}{secret}{after}")
    assert safe == f"{before}[{kind} removed]{after}"
    assert counted == {kind: 1}


EFFECT = effect_key(
    CallSite(run="sales:deal:42/run-1", step="orchestrate-1.1"), "crm__send_mail", {"to": "a@b.example"}
)


@pytest.mark.parametrize(
    "text",
    [
        hashlib.sha256(b"a blob of ours").hexdigest(),
        f"effect key: {EFFECT}",
        "sales:deal:42/run-7/orchestrate-2.1:research",
        "toolu_01A09q90qw90lq917835lq9",
        "msg_ts 1764227000.000123",
        "SIRET 380 129 866 00014",  # passes the check digit of cards
        "order 4111 1111 1111 1112",  # doesn't
        "EAN 3017620422003",
        "+33 6 12 34 56 78",
        "Password: required for the portal",
        "the API key: see the annex",
        "next_token: 0123456789abcdef0123456789abcdef",  # a cursor, and no secret
        "a risk-assessment-for-the-new-heaters-2024",
        "https://example.com:8080/a@b?c=d:e",
        "he said bearer of good news and basic requirements-for-all-heaters",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_what_only_looks_random_stays(text: str) -> None:
    """Hashes, ids, effect keys, cursors and numbers that a model works with aren't touched."""
    assert taken(text) == (text, Counter())


def test_what_is_safe_stays_as_it_is() -> None:
    """The proxy looks again at what the client made safe, and changes nothing: or a vendor's cache would be lost."""
    safe, _ = taken(f"password=hunter2 token Bearer {'abc123' * 5} card 4111111111111111 {PEM}")
    assert taken(safe) == (safe, Counter())

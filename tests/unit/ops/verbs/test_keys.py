"""`./farm keys`, on a book of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.accounts.book import Book
from gateway.accounts.keys import enter_given, find
from gateway.accounts.spend import Asked, Paid, begin, settle
from gateway.prices.money import DOLLAR
from ops.cli import application
from ops.stack import state
from ops.stack.state import StackState


@dataclass
class Gateway:
    """The book of one, and the verb that reads it."""

    book: Book

    def farm(self, *words: str) -> Result:
        return CliRunner().invoke(application(["keys"]), ["keys", *words])

    def told(self, *words: str) -> Any:
        result = self.farm(*words, "--json")
        assert result.exit_code == 0, result.exception
        return json.loads(result.stdout)

    def refused(self, *words: str) -> str:
        result = self.farm(*words)
        assert result.exit_code == 1
        return str(result.exception)


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    monkeypatch.setenv("FARM_GATEWAY_STORE_URL", url)
    monkeypatch.delenv("FARM_GATEWAY_STORE_URL_FILE", raising=False)
    book = Book(url)
    yield Gateway(book)
    book.close()


@pytest.fixture
def embedded(gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The same book as the embedded stack's own."""
    monkeypatch.delenv("FARM_GATEWAY_STORE_URL")
    monkeypatch.delenv("FARM_GATEWAY_KEY_SALES", raising=False)
    monkeypatch.setenv("FARM_HOME", str(tmp_path))
    local = StackState.model_validate(
        {
            "runner": None, "offset": 0, "started_at": "2026-11-27T00:00:00Z", "store_url": "", "temporal_address": "",
            "gateway_store_url": f"sqlite:///{tmp_path / 'gateway.db'}",
        }
    )  # fmt: skip
    from ops.places import instance  # noqa: PLC0415  reads FARM_HOME

    state.save(instance("local"), local)
    return gateway


def test_a_key_is_shown_once(gateway: Gateway) -> None:
    """When it is made; the list has its name."""
    made = gateway.told("make", "sales", "--by", "claire")
    assert made["id"] == "sales-1"
    with gateway.book.reading() as entries:
        assert find(entries, made["key"]).made_by == "claire"
    listed = gateway.farm("list").stdout
    assert "sales-1  made by claire, " in listed
    assert "never used" in listed
    assert made["key"] not in listed + gateway.farm("list", "--json").stdout


def test_a_key_is_made_for_a_person_to_read(gateway: Gateway) -> None:
    """In one line, however long it is, with where it goes."""
    lines = gateway.farm("make", "sales").stdout.splitlines()
    assert lines[0].startswith("sales-1: farm-sales-")
    assert len(lines[0]) > 60
    assert "FARM_GATEWAY_KEY" in lines[1]


def test_rotated_the_old_one_ends_later(gateway: Gateway) -> None:
    """As long as was said, a day if nothing was."""
    gateway.told("make", "sales")
    assert gateway.told("rotate", "sales", "--overlap", "30m")["id"] == "sales-2"
    keys = {key["id"]: key for key in gateway.told("list", "sales")[0]["keys"]}
    assert (keys["sales-1"]["state"], keys["sales-2"]["state"]) == ("ends", "valid")
    assert ", ends 20" in gateway.farm().stdout


def test_revoked_says_by_whom(gateway: Gateway) -> None:
    """By a key's name, or an agent's."""
    gateway.told("make", "sales")
    assert gateway.told("revoke", "sales-1", "--by", "tom") == ["sales-1"]
    assert "revoked 20" in gateway.farm().stdout
    assert "UTC by tom" in gateway.farm().stdout


def test_limits_are_set_one_by_one(gateway: Gateway) -> None:
    """Those that aren't named stay."""
    gateway.told("limit", "sales", "--daily", "5", "--monthly", "100", "--rpm", "60", "--tpm", "200000")
    gateway.told("limit", "sales", "--models", "triage,orchestrator")
    assert gateway.told("limit", "sales", "--monthly", "off") == {
        "daily_usd": 5.0, "monthly_usd": None, "rpm": 60, "tpm": 200000, "models": ["triage", "orchestrator"],
    }  # fmt: skip
    assert (
        "limits: $5.00 a day, 60 calls a minute, 200,000 tokens a minute, only triage, orchestrator"
        in gateway.farm().stdout
    )


def test_the_farms_limit_is_told_last(gateway: Gateway) -> None:
    """Under its own name."""
    assert gateway.farm("limit", "all", "--daily", "50").stdout == "the whole farm: limits: $50.00 a day\n"
    gateway.told("make", "sales")
    assert [each["agent"] for each in gateway.told()] == ["sales", "all"]
    assert "the whole farm: spent today $0.00 of $50.00, this month $0.00" in gateway.farm().stdout


def test_spend_stands_beside_its_limit(gateway: Gateway) -> None:
    """Of today and of this month, whoever's it is."""
    with gateway.book.entries() as entries:
        for number, agent in enumerate(("sales", "operator")):
            asked = Asked(f"c{number}", "", "sales-1", agent, "triage", "m", DOLLAR, 1)
            begin(entries, asked, entries.now())
            settle(entries, asked.id, Paid("m", DOLLAR // 4, 1, 1, 0, 0))
    gateway.told("limit", "sales", "--daily", "5")
    assert "sales: spent today $0.25 of $5.00, this month $0.25" in gateway.farm().stdout
    assert [(each["agent"], each["spent_today_usd"]) for each in gateway.told()] == [
        ("operator", 0.25), ("sales", 0.25), ("all", 0.5),
    ]  # fmt: skip


def test_a_given_key_says_where_it_is_from(gateway: Gateway) -> None:
    """The environment of the gateway."""
    with gateway.book.entries() as entries:
        enter_given(entries, {"sales": "sk-theirs"})
    assert "sales-1  from FARM_GATEWAY_KEYS, " in gateway.farm().stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("make", "sails"), "no agent is called 'sails'"),
        (("make",), "of which agent?"),
        (("rotate", "sales"), "make one"),
        (("rotate", "sales", "--overlap", "soon"), "--overlap: 'soon' is no span of time"),
        (("revoke",), "which key?"),
        (("revoke", "sales-9"), "'sales-9'"),
        (("limit", "sales"), "which limit?"),
        (("limit", "sails", "--rpm", "1"), "There are: sales, "),
        (("limit", "sales", "--daily", "much"), "--daily: 'much' is no amount"),
        (("make", "all"), "no agent is called 'all'"),
        (("list", "--rpm", "1"), "limit"),
        (("list", "nobody"), "'nobody' has no key"),
    ],
    ids=str,
)
def test_bad_input_says_what_is_wrong(gateway: Gateway, words: tuple[str, ...], said: str) -> None:
    """And nothing is changed."""
    assert said in gateway.refused(*words)
    assert [each["agent"] for each in gateway.told()] == ["all"]


def test_a_second_key_is_refused(gateway: Gateway) -> None:
    """One for an agent: it is rotated."""
    gateway.told("make", "sales")
    assert "rotate it" in gateway.refused("make", "sales")


def test_installed_it_is_handed_out_and_not_shown(embedded: Gateway, tmp_path: Path) -> None:
    """In the stack's secrets, where the agent's worker gets it from at the next start."""
    (tmp_path / "local" / "secrets.json").write_text('{"gateway_key_sales": "old", "webhook_password": "w"}')
    made = embedded.told("make", "sales", "--install")
    assert "key" not in made
    secrets = json.loads((tmp_path / "local" / "secrets.json").read_text())
    assert secrets["webhook_password"] == "w"
    with embedded.book.reading() as entries:
        assert find(entries, secrets["gateway_key_sales"]).id == made["id"]
    assert (tmp_path / "local" / "secrets.json").stat().st_mode & 0o077 == 0


def test_it_isnt_installed_where_it_wouldnt_be_read(embedded: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment has the agent's key, or names another gateway's book."""
    monkeypatch.setenv("FARM_GATEWAY_KEY_SALES", "mine")
    assert "FARM_GATEWAY_KEY_SALES is set" in embedded.refused("make", "sales", "--install")
    monkeypatch.setenv("FARM_GATEWAY_STORE_URL", "sqlite:////somewhere/gateway.db")
    assert "another gateway's book" in embedded.refused("make", "sales", "--install")


def test_a_stack_without_a_gateway_of_its_own_has_no_book(embedded: Gateway, tmp_path: Path) -> None:
    """Then somebody else's is meant, and the variable says whose."""
    file = tmp_path / "local" / "stack.json"
    file.write_text(file.read_text().replace(str(tmp_path / "gateway.db"), "").replace("sqlite:///", ""))
    assert "no gateway of its own" in embedded.refused("list")


def test_a_book_that_is_away_is_said_so(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable to look at."""
    monkeypatch.setenv("FARM_GATEWAY_STORE_URL", "postgresql://farm@127.0.0.1:1/book")
    assert "Is FARM_GATEWAY_STORE_URL right?" in gateway.refused("list")
    monkeypatch.setenv("FARM_GATEWAY_STORE_URL", "mysql://x/y")
    assert "FARM_GATEWAY_STORE_URL names no database" in gateway.refused("list")

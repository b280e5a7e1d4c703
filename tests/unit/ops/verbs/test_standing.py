"""`./farm standing` and `./farm revoke`, on a real store."""

import pytest

from ops.errors import FarmError
from store.approvals import Approvals
from store.database import Database
from tests.unit.ops.verbs.conftest import Records
from tests.unit.store.test_standing import TODAY, allowed


def test_what_is_allowed_beforehand_is_listed_and_taken_back(on_record: Records) -> None:
    """Until when, by whom, for what; and the next list is empty."""

    async def allow(db: Database) -> None:
        await Approvals(db).record(allowed(days=0))

    assert on_record.farm("standing").stdout == "Nothing is allowed beforehand.\n"
    on_record.do(allow)
    listed = on_record.farm("standing").stdout
    assert "a1  sales, deal:42, crm__send_mail" in listed
    assert f"until {TODAY} UTC, said by claire by way of cli" in listed
    assert "crm__send_mail of sales for deal:42 is asked about again" in on_record.farm("revoke", "a1").stdout
    assert on_record.farm("standing", "--json").stdout == "[]\n"


def test_what_was_never_allowed_cannot_be_taken_back(on_record: Records) -> None:
    result = on_record.farm("revoke", "a9")
    assert isinstance(result.exception, FarmError)
    assert "nothing of the name 'a9'" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--until", "2026-12-31"), "--always is for `entity` or `agent`"),
        (("--always", "deal"), "--always is for `entity` or `agent`"),
        (("--always", "entity", "--until", "soon"), "is no day like 2026-12-31"),
    ],
)
def test_a_wish_to_always_allow_is_read_strictly(on_record: Records, words: tuple[str, ...], told: str) -> None:
    result = on_record.farm("approve", "a1", *words)
    assert isinstance(result.exception, FarmError)
    assert told in str(result.exception)

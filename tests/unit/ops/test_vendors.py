"""The models' vendors as `./farm status` shows them."""

from io import StringIO

from rich.console import Console

from ops.vendors import vendors_table

WELL = {
    "state": "open",
    "shut_s": 0.0,
    "under_way": 0,
    "waiting": 0,
    "at_once": 64,
    "longest_s": 0.0,
    "answered": 12,
    "failed": 0,
    "by_standby": 0,
    "last_error": None,
}


def shown(**changes: object) -> str:
    written = StringIO()
    Console(file=written, width=200).print(vendors_table({"orchestrator": {**WELL, **changes}}))
    return written.getvalue().splitlines()[1]


def test_a_vendor_that_is_well_is_open():
    """With what it answered lately."""
    assert shown().split() == ["orchestrator", "open", "0", "0", "12", "0", "0"]


def test_a_vendor_that_is_away_says_so_with_its_last_error():
    """And for how long nobody is let in."""
    told = shown(state="away", shut_s=7.4, failed=5, last_error={"status": 529, "seconds_ago": 3.2})
    assert "away, 7 s" in told
    assert "529, 3 s ago" in told


def test_a_slow_vendor_shows_how_long_it_has_been_thinking():
    """The longest call under way."""
    assert "75 s" in shown(under_way=2, longest_s=75.0)
    assert "75 s, silent 40 s" in shown(under_way=2, longest_s=75.0, silent_s=40.0)

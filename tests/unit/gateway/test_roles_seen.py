"""How a role's vendor has been lately."""

from gateway.door.roles_seen import LATELY_S, RoleSeen


def test_counts_are_of_lately_and_the_last_error_of_any_time():
    """Five minutes later nothing is counted, and it is still told when the last error was."""
    now = [0.0]
    seen = RoleSeen(lambda: now[0])
    seen.note(200, fallback=False)
    seen.note(200, fallback=True)
    seen.note(529, fallback=False)
    counted = {"answered": 2, "failed": 1, "by_standby": 1, "last_error": {"status": 529, "seconds_ago": 0.0}}
    assert seen.figures() == {"longest_s": 0.0, **counted}
    now[0] = LATELY_S
    later = {"answered": 0, "failed": 0, "by_standby": 0, "last_error": {"status": 529, "seconds_ago": LATELY_S}}
    assert seen.figures() == {"longest_s": 0.0, **later}


def test_a_slow_vendor_shows_by_its_longest_call():
    """Of those under way, and no more when it is over."""
    now = [0.0]
    seen = RoleSeen(lambda: now[0])
    with seen.under_way():
        now[0] = 70
        with seen.under_way():
            assert seen.figures()["longest_s"] == 70
    assert seen.figures()["longest_s"] == 0

"""What the intake's drill and benchmark send."""

from collections import Counter

from ops.drill.intake.traffic import Traffic, letters


def test_traffic_is_the_same_each_time_and_reaches_every_deal() -> None:
    """News on all deals, some of it sent again on its own deal, some garbage."""
    post = list(letters(Traffic(events=2000, deals=40)))
    assert post == list(letters(Traffic(events=2000, deals=40)))
    news = {each.event: each.deal for each in post if each.kind == "news"}
    assert set(news.values()) == set(range(1, 41))
    assert all(news[each.event] == each.deal for each in post if each.kind == "again")
    assert min(Counter(each.kind for each in post).values()) >= 10

async def test_every_answer_tells_what_is_left(api):
    """The burst window and the daily budget are in the headers; reading one deal in v2 costs one token."""
    headers = (await api.get("/api/v2/deals/42")).headers
    assert headers["x-ratelimit-limit"] == "100"
    assert headers["x-ratelimit-remaining"] == "99"
    assert headers["x-ratelimit-reset"] == "2"
    left = int(headers["x-daily-ratelimit-token-limit"]) - int(headers["x-daily-ratelimit-token-remaining"])
    assert left == 1


async def test_a_burst_over_the_limit_is_429_until_the_window_moves_on(api, clock):
    """The third call of two is refused with `retry-after`; two seconds later calls pass again."""
    await api.post("/sandbox/limits", json={"burst": 2})
    for _ in range(2):
        assert (await api.get("/api/v2/deals/42")).status_code == 200
    refused = await api.get("/api/v2/deals/42")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "2"
    assert refused.json()["errorCode"] == 429
    clock.move(2.1)
    assert (await api.get("/api/v2/deals/42")).status_code == 200


async def test_the_daily_budget_ends_at_midnight(api, clock):
    """A budget used up is 429 until the day is over."""
    await api.post("/sandbox/limits", json={"daily": 1})
    await api.get("/api/v2/deals/42")
    refused = await api.get("/api/v2/deals/42")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, str(12 * 3600))
    assert refused.headers["x-daily-ratelimit-token-remaining"] == "0"
    clock.move(12 * 3600)
    assert (await api.get("/api/v2/deals/42")).status_code == 200


async def test_limits_can_be_switched_off(api):
    """The headers stay, nothing is refused."""
    await api.post("/sandbox/limits", json={"burst": 1, "enforced": False})
    for _ in range(3):
        answer = await api.get("/api/v2/deals/42")
    assert answer.status_code == 200
    assert answer.headers["x-ratelimit-remaining"] == "0"

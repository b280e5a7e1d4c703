async def test_a_path_fails_as_often_as_ordered(api):
    """Two calls of the prefix fail with the status and `retry-after`, the third passes, other paths never failed."""
    order = {"status": 503, "times": 2, "path_prefix": "/v1/notes", "retry_after": 7}
    await api.post("/sandbox/faults", json=order)
    assert (await api.get("/api/v2/deals/42")).status_code == 200
    first = await api.get("/v1/notes")
    assert (first.status_code, first.headers["retry-after"]) == (503, "7")
    assert [(await api.get("/v1/notes")).status_code for _ in range(2)] == [503, 200]


async def test_a_call_can_take_effect_and_lose_its_answer(api):
    """With `done` the note is written, and the caller sees a failure."""
    await api.post("/sandbox/faults", json={"status": 502, "path_prefix": "/v1/notes", "method": "POST", "done": True})
    assert (await api.post("/v1/notes", json={"deal_id": 44, "content": "twice?"})).status_code == 502
    notes = (await api.get("/v1/notes", params={"deal_id": 44})).json()["data"]
    assert [note["content"] for note in notes].count("twice?") == 1


async def test_faults_can_be_dropped(api):
    """DELETE puts the world right again."""
    await api.post("/sandbox/faults", json={"status": 500, "times": 9})
    await api.delete("/sandbox/faults")
    assert (await api.get("/api/v2/deals/42")).status_code == 200

import logging

import pytest

from tests.unit.starter.conftest import House
from tests.unit.starter.payloads import note


async def test_every_answer_carries_the_security_headers(house: House) -> None:
    """Refusals too."""
    async with house.client() as client:
        for answer in (await client.get("/livez"), await client.get("/nothing")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_log_tells_of_a_request_without_its_body(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Method, path and status; no text of a client's, no password."""
    with caplog.at_level(logging.INFO):
        await house.webhook(note("a client's private words"))
    assert "POST /webhooks/pipedrive 202" in caplog.text
    assert "private words" not in caplog.text
    assert "Basic" not in caplog.text


async def test_of_a_path_only_our_own_parts_are_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """What a stranger wrote there neither forges a line nor gives a secret away."""
    with caplog.at_level(logging.INFO, "starter"):
        async with house.client() as client:
            await client.get("/webhooks/pipedrve/a%0aINFO forged")
    assert "GET /webhooks/*/* 404" in caplog.text
    assert "forged" not in caplog.text

import httpx
import pytest
from fastmcp.exceptions import ToolError

from tool_servers.crm.pipedrive import Pipedrive


async def test_a_v2_list_is_read_to_its_end(pipedrive):
    """Cursor after cursor, every deal once."""
    deals = [deal["id"] async for deal in pipedrive.each_v2("/api/v2/deals", limit=7)]
    assert deals == list(range(5, 45))


async def test_a_v1_list_is_read_to_its_end(pipedrive):
    """Offset after offset, every note once."""
    notes = [note["id"] async for note in pipedrive.each_v1("/v1/notes", deal_id=42, limit=1)]
    assert len(notes) == len(set(notes)) == 3


async def test_an_empty_v1_list_is_no_trouble(pipedrive):
    """v1 gives null where there is nothing."""
    assert [note async for note in pipedrive.each_v1("/v1/notes", deal_id=43)] == []


async def test_an_answer_that_is_no_json_is_passing():
    """A proxy's page in between says nothing about the call."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text="<html>"))
    async with httpx.AsyncClient(transport=transport, base_url="http://crm") as http:
        with pytest.raises(ToolError, match=r"^passing: "):
            await Pipedrive(http).get("/v1/users/me")


@pytest.mark.parametrize(
    ("me", "address"), [({"company_domain": "chaleo"}, "https://chaleo.pipedrive.com/deal/42"), ({}, None)]
)
async def test_the_vendor_s_own_pages_are_the_company_s(me, address):
    """The API says by which name; where it doesn't, nobody is sent anywhere."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={"data": me}))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.pipedrive.com") as http:
        assert await Pipedrive(http).web_address("/deal/42") == address

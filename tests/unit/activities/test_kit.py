"""The kit pins what a run works with, by content."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from fastmcp import FastMCP
from mcp.types import ToolAnnotations

from activities.book import Book, Skill
from activities.kit import KitActivities
from activities.mcp import ToolServers
from contracts.agents import PrepareRun, ToolNature
from contracts.names import META_OUTSIDE, META_RECONCILE
from contracts.policy import ApprovalPolicy
from store.blobs import Blobs
from store.chosen_models import ChosenModels
from workflows.run import farm_tools
from workflows.sales.agent import SALES

BOOK = Book(
    prompts={"triage": "You sort."},
    skills={"quotes": Skill("quotes", "How we quote.", "Text."), "mails": Skill("mails", "How we write.", "Text.")},
)
REQUEST = PrepareRun(
    agent="sales",
    tool_servers=("crm",),
    schemas={"Answer": {"type": "object"}},
    farm_tools=farm_tools.definitions(SALES),
)


@pytest.fixture
def prepare(db, env, workshop):
    async def prepare(
        book: Book = BOOK,
        request: PrepareRun = REQUEST,
        server: FastMCP | None = None,
        policies: Mapping[str, ApprovalPolicy] = MappingProxyType({}),
    ):
        servers = ToolServers({"crm": server or workshop.server()})
        try:
            kit = KitActivities(db, servers, {"sales": book}, "C0SALES", policies=policies)
            return await env.run(kit.prepare_run, request)
        finally:
            await servers.close()

    return prepare


async def definitions(db, kit):
    return json.loads(await Blobs(db).get(kit.toolset))


async def test_everything_is_pinned_by_its_hash(prepare, blobs):
    """Prompts, skills and schemas can be read by the kit long after the files have changed."""
    kit = await prepare()
    assert kit.prompts.keys() == {"triage", "skills/quotes", "skills/mails"}
    assert await blobs.get(kit.prompts["triage"]) == "You sort."
    assert json.loads(await blobs.get(kit.schemas["Answer"])) == {"type": "object"}
    assert kit.channel == "C0SALES"


async def test_the_policy_is_pinned_too(prepare):
    """The asking agent's own, and none where this worker has none of it."""
    policy = ApprovalPolicy(approvers=("U0CLAIRE",))
    assert (await prepare(policies={"sales": policy, "lessons": ApprovalPolicy()})).policy == policy
    assert (await prepare(policies={"lessons": policy})).policy is None


async def test_chosen_models_are_pinned_too(prepare, db):
    """A run keeps what was chosen when it began; and a role that nobody chose for is left to the gateway."""
    assert (await prepare()).models == {}
    await ChosenModels(db).choose({"triage": "small", "orchestrator": "strong"}, "claire")
    await ChosenModels(db).choose({"triage": ""}, "claire")
    assert (await prepare()).models == {"orchestrator": "strong"}


async def test_another_text_is_another_kit(prepare):
    """A deploy changes the next run, and this one keeps its own."""
    before = await prepare()
    after = await prepare(Book(prompts={"triage": "You sort well."}, skills=BOOK.skills))
    assert before.prompts["triage"] != after.prompts["triage"]
    assert before.prompts["skills/quotes"] == after.prompts["skills/quotes"]


async def test_the_order_of_tools_is_stable(prepare, db):
    """A server that lists its tools in another order costs no prompt cache."""

    def listing(*names: str) -> FastMCP:
        server: FastMCP = FastMCP("crm")

        def nothing() -> dict[str, str]:
            """Does nothing."""
            return {}

        for name in names:
            server.tool(nothing, name=name)
        return server

    first = await prepare(server=listing("b", "a", "c"))
    assert (await prepare(server=listing("c", "b", "a"))).toolset == first.toolset
    names = [each["name"] for each in await definitions(db, first)]
    assert names == ["crm__a", "crm__b", "crm__c", "farm__set_follow_up", "farm__cancel_follow_up", "farm__load_skill"]


async def test_a_tool_is_what_its_server_declares(prepare):
    """Annotations and the server's ledger decide how a call may be repeated and who is asked."""
    tools = (await prepare()).tools
    assert tools["crm__get_deal"] == ToolNature(read_only=True)
    assert tools["crm__add_note"] == ToolNature(once=True, reconcile="find_note", outside=True)


@pytest.mark.parametrize(
    ("hint", "says", "outside"),
    [(False, None, False), (True, None, True), (None, None, True), (False, True, True), (True, False, False)],
)
async def test_who_wrote_an_answer_is_declared_too(prepare, hint, says, outside):
    """By the tool's own word; else by MCP's hint, which takes the world for open where it isn't given."""
    server: FastMCP = FastMCP("crm")

    @server.tool(
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=hint),
        meta=None if says is None else {META_OUTSIDE: says},
    )
    def look() -> dict[str, str]:
        """Looks."""
        return {}

    assert (await prepare(server=server)).tools["crm__look"].outside is outside


@pytest.mark.parametrize("named", ["gone", "change"])
async def test_a_reconcile_tool_must_be_there_and_only_read(prepare, named, caplog):
    """One that changes something, or doesn't exist, settles nothing: it is left out, and the log says so."""
    server: FastMCP = FastMCP("crm")

    @server.tool(meta={META_RECONCILE: named})
    def change() -> dict[str, str]:
        """Changes something."""
        return {}

    assert (await prepare(server=server)).tools == {"crm__change": ToolNature(outside=True)}
    assert f"names '{named}' to reconcile it" in caplog.text


async def test_a_definition_is_what_the_vendor_takes(prepare, db):
    """Name, description and the schema of the arguments, and no more."""
    (deal,) = [each for each in await definitions(db, await prepare()) if each["name"] == "crm__get_deal"]
    assert deal.keys() == {"name", "description", "input_schema"}
    assert deal["description"] == "A deal."
    assert deal["input_schema"]["required"] == ["deal_id"]


async def test_skills_are_offered_where_there_are_any(prepare, db):
    """The model reads each skill's name and purpose; an agent without skills has no such tool."""
    *_, load = await definitions(db, await prepare())
    assert load["description"].endswith("Skills:\n- mails: How we write.\n- quotes: How we quote.")
    without = await definitions(db, await prepare(Book(prompts={}, skills={})))
    assert "farm__load_skill" not in {each["name"] for each in without}

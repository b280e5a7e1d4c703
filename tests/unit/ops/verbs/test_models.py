"""`./farm models`, on a real store and beside a gateway that says what it serves."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from contracts.calls import RunRecord
from ops.errors import FarmError
from store.chosen_models import ChosenModels
from store.database import Database
from store.runs import Runs
from tests.unit.ops.verbs.conftest import Records
from workflows.sales.agent import SALES

STRONG, STANDBY, OTHER = "claude-sonnet-5-5", "claude-sonnet-4-6", "gpt-5.5-2026-04-23"


def deployment(name: str, model: str, **info: object) -> dict[str, object]:
    return {"model_name": name, "litellm_params": {"model": f"anthropic/{model}"}, "model_info": info}


@pytest.fixture
def gateway(on_record: Records, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One that serves a single vendor's models, the orchestrator by another than the map says."""
    data = [
        deployment("orchestrator", STANDBY),
        deployment(STRONG, STRONG, input_cost_per_token=2e-06, output_cost_per_token=1e-05),
        deployment(STANDBY, STANDBY),
        deployment("local", "local"),
        deployment("claude-haiku-5-5", "claude-haiku-5-5"),
    ]

    class Gateway(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["authorization"] == "Bearer ours"
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"data": data if self.path == "/v1/model/info" else []}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    monkeypatch.setenv("FARM_GATEWAY_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("FARM_GATEWAY_KEY", "ours")
    yield
    server.shutdown()
    serving.join()
    server.server_close()


def part(on_record: Records, role: str = "orchestrator") -> dict[str, object]:
    told = json.loads(on_record.farm("models", "--json").stdout)
    return next(each for each in told["roles"] if each["role"] == role)


def test_the_map_is_shown_without_a_gateway(on_record: Records) -> None:
    """By the file: who plays what, for whom, and who stands by."""
    told = part(on_record)
    assert (told["model"], told["standby"], told["agents"]) == (STRONG, [STANDBY], ["sales"])
    assert "no gateway answers" in on_record.farm("models").stdout


def test_a_choice_holds_until_it_is_taken_back(on_record: Records) -> None:
    """Set, shown with who chose it, unset; and the history has both."""
    said = on_record.farm("models", "set", f"orchestrator={OTHER}", "triage=claude-sonnet-5-5", "--by", "claire").stdout
    assert f"orchestrator: the file's -> {OTHER}, for runs that begin" in said
    told = part(on_record)
    assert (told["model"], told["by_default"], told["standby"]) == (OTHER, STRONG, [STRONG])
    assert "claire" in on_record.farm("models").stdout
    on_record.farm("models", "unset", "orchestrator", "--by", "tom")
    assert (part(on_record)["model"], part(on_record)["chosen"]) == (STRONG, None)
    history = json.loads(on_record.farm("models", "history", "--json").stdout)
    assert [(each["role"], each["before"], each["model"], each["by"]) for each in history] == [
        ("orchestrator", OTHER, "", "tom"),
        ("triage", "", "claude-sonnet-5-5", "claire"),
        ("orchestrator", "", OTHER, "claire"),
    ]


def test_the_gateway_is_believed_before_the_file(gateway: None, on_record: Records) -> None:
    """Who really plays a role, which models can be asked, and at which price."""
    assert part(on_record)["model"] == STANDBY
    told = json.loads(on_record.farm("models", "--json").stdout)
    candidates = {each["model"]: each for each in told["models"]}
    assert (candidates[STRONG]["served"], candidates[STRONG]["input_usd"]) == (True, 2.0)
    assert candidates[OTHER]["served"] is False


def test_a_model_that_the_gateway_has_no_key_for_is_not_chosen(gateway: None, on_record: Records) -> None:
    """Every new run would fail at its first call: the error names the key and what can be had."""
    refused = on_record.farm("models", "set", f"orchestrator={OTHER}").exception
    assert isinstance(refused, FarmError)
    assert "has it OPENAI_API_KEY?" in str(refused)
    assert f"It serves: claude-haiku-5-5, {STRONG}, {STANDBY}, local." in str(refused)
    assert on_record.do(_current) == {}


def test_a_model_without_a_price_is_not_chosen(gateway: None, on_record: Records) -> None:
    """Its calls would count for nothing; one that the file calls free may."""
    refused = on_record.farm("models", "set", "orchestrator=claude-haiku-5-5").exception
    assert isinstance(refused, FarmError)
    assert "the gateway knows no price for claude-haiku-5-5" in str(refused)
    assert on_record.do(_current) == {}
    assert on_record.farm("models", "set", "orchestrator=local").exit_code == 0


async def _current(db: Database) -> object:
    return await ChosenModels(db).current()


def at_work(on_record: Records, agent: str) -> str:
    """A run of the agent's, on record and nowhere else."""
    run = f"{agent}:deal:42/run-1"
    now = datetime.now(UTC)
    record = RunRecord(run=run, agent=agent, entity="deal:42", status="running", phase="orchestrate", at=now)

    async def enter(db: Database) -> None:
        await Runs(db).record(record)

    on_record.do(enter)
    return run


def test_a_run_is_not_moved_in_a_role_that_its_agent_never_asks(
    on_record: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused before Temporal is looked for, with the roles that it does ask, the one for summaries among them."""
    monkeypatch.setattr("ops.verbs.models.AGENTS", (SALES.model_copy(update={"roles": ("orchestrator",)}),))
    run = at_work(on_record, "sales")
    refused = on_record.farm("models", "move", "deal:42", f"triage={STRONG}", f"insight={OTHER}").exception
    assert isinstance(refused, FarmError)
    assert str(refused) == f"sales, whose run {run} is, never asks insight\n  It asks: orchestrator, triage."


@pytest.mark.parametrize("agent", ["sales", "elsewhere"])
def test_a_run_is_moved_in_the_roles_of_its_agent(on_record: Records, agent: str) -> None:
    """Temporal is looked for then, which isn't here. Of an agent that isn't declared here, nobody knows its roles."""
    at_work(on_record, agent)
    failed = on_record.farm("models", "move", "deal:42", f"insight={OTHER}").exception
    assert isinstance(failed, FarmError)
    assert "no Temporal answers" in str(failed)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set", "poet=claude-sonnet-5-5"], "no role is called poet\n  There are: triage, orchestrator, insight."),
        (["set", "orchestrator=claude"], "no model is called claude\n  There are: claude-haiku-5-5, claude-sonnet-5-5"),
        (["set", "orchestrator"], "./farm models set orchestrator=<model>"),
        (["set"], "./farm models set orchestrator=<model>"),
        (["unset", "orchestrator"], "nobody chose a model for orchestrator"),
        (["unset"], "unset which role?"),
        (["move", "orchestrator=gpt-5.5-2026-04-23"], "./farm models move deal:42 orchestrator=<model>"),
        (["move", "deal:42", "orchestrator=claude"], "no model is called claude"),
        (["move", "deal:42", "poet=claude-sonnet-5-5"], "no role is called poet"),
        (["move", "deal:42", f"orchestrator={OTHER}"], "no run of 'deal:42' is at work"),
    ],
)
def test_what_there_is_not_is_refused(on_record: Records, words: list[str], told: str) -> None:
    """And the message lists what there is."""
    refused = on_record.farm("models", *words).exception
    assert isinstance(refused, FarmError)
    assert told in str(refused)

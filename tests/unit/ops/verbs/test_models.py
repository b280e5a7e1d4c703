"""`./farm models`, on a real store and beside a gateway that says what it serves."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ops.errors import FarmError
from store.chosen_models import ChosenModels
from store.database import Database
from tests.unit.ops.verbs.conftest import Records

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
    assert f"It serves: {STRONG}, {STANDBY}." in str(refused)
    assert on_record.do(_current) == {}


async def _current(db: Database) -> object:
    return await ChosenModels(db).current()


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
    ],
)
def test_what_there_is_not_is_refused(on_record: Records, words: list[str], told: str) -> None:
    """And the message lists what there is."""
    refused = on_record.farm("models", *words).exception
    assert isinstance(refused, FarmError)
    assert told in str(refused)

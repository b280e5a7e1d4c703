"""From list to plan: ports, placeholders, stand-ins, and who gets which variable."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.errors import FarmError
from ops.places import PROCESSES, Instance
from ops.stack.plan import Plan, make_plan
from ops.stack.processes import ProcessList, read

LIST: dict[str, Any] = {
    "secrets": {"password": ["FARM_WEBHOOK_PASSWORD"]},
    "settings": {
        "crm": {
            "yours": "CRM_TOKEN",
            "stand_in": "sandbox",
            "env": {"CRM_TOKEN": "sandbox-token", "CRM_URL": "http://127.0.0.1:{port.sandbox}"},
        },
    },
    "parts": {
        "tools": {
            "about": "uses the CRM",
            "argv": ["{python}", "--port", "{port}"],
            "ports": {"http": 8101},
            "needs": ["sandbox"],
            "settings": ["crm"],
        },
        "sandbox": {"about": "stands in", "argv": ["true"], "ports": {"http": 8201, "smtp": 8202}},
        "worker": {"about": "has no business with the CRM", "argv": ["true"], "env": {"PASSWORD": "{secret.password}"}},
    },
}


def planned(tmp_path: Path, offset: int = 0, listed: Mapping[str, Any] = LIST, **surroundings: str) -> Plan:
    return make_plan(ProcessList.model_validate(listed), Instance(tmp_path / "test"), offset, surroundings)


def test_offset_moves_ports_and_addresses(tmp_path: Path) -> None:
    """With an offset a part listens elsewhere, and the others look for it there."""
    plan = planned(tmp_path, offset=1000)
    assert plan.launches["tools"].argv[1:] == ("--port", "9101")
    assert plan.launches["tools"].env["CRM_URL"] == "http://127.0.0.1:9201"


def test_users_own_value_leaves_the_stand_in_out(tmp_path: Path) -> None:
    """With a real CRM's token its sandbox isn't started, needed or pointed to."""
    plan = planned(tmp_path, CRM_TOKEN="real")
    assert plan.launches.keys() == {"tools", "worker"}
    assert plan.launches["tools"].needs == set()
    assert plan.launches["tools"].env["CRM_TOKEN"] == "real"
    assert "CRM_URL" not in plan.launches["tools"].env


def test_a_store_of_ones_own_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    """The user's database replaces no stand-in: no other setting loses its values by it."""
    listed = read(PROCESSES)
    own = make_plan(listed, Instance(tmp_path / "own"), 0, {"FARM_STORE_URL": "postgresql://db/farm"})
    plain = make_plan(listed, Instance(tmp_path / "plain"), 0, {})
    assert own.launches.keys() == plain.launches.keys()
    assert own.env["FARM_STORE_URL"] == "postgresql://db/farm"
    assert own.env["FARM_TOOL_SERVERS"] == plain.env["FARM_TOOL_SERVERS"]
    assert own.env["FARM_WEBHOOK_USERNAME"] == plain.env["FARM_WEBHOOK_USERNAME"]


def test_variable_reaches_only_who_lists_it(tmp_path: Path) -> None:
    """A key of the user's environment isn't handed to parts that have no business with it."""
    assert "CRM_TOKEN" not in planned(tmp_path, CRM_TOKEN="real").launches["worker"].env


def test_other_variables_are_inherited(tmp_path: Path) -> None:
    """What the list doesn't know (PATH, proxies, certificates) reaches every part."""
    assert planned(tmp_path, PATH="/bin").launches["worker"].env["PATH"] == "/bin"


def test_users_secret_wins(tmp_path: Path) -> None:
    """A secret of the user's environment is taken instead of a generated one, and isn't written down."""
    plan = planned(tmp_path, FARM_WEBHOOK_PASSWORD="mine")
    assert plan.launches["worker"].env["PASSWORD"] == "mine"
    assert not plan.instance.keys_file.exists()


def test_generated_secret_stays(tmp_path: Path) -> None:
    """A secret is made once for an instance, readable by its owner alone."""
    first, second = planned(tmp_path), planned(tmp_path)
    assert first.launches["worker"].env == second.launches["worker"].env
    assert first.instance.keys_file.stat().st_mode & 0o777 == 0o600


def test_unknown_placeholder_is_named(tmp_path: Path) -> None:
    """A placeholder that stands for nothing names the place in the list."""
    listed = {"parts": {"a": {"about": "a", "argv": ["{port.ghost}"]}}}
    with pytest.raises(FarmError, match=r"parts\.a\.argv: nothing is called \{port\.ghost\}"):
        planned(tmp_path, listed=listed)


def test_impossible_offset_is_refused(tmp_path: Path) -> None:
    """An offset that moves a port out of range names the part."""
    with pytest.raises(FarmError, match="moves tools to port 68101"):
        planned(tmp_path, offset=60_000)


def test_plan_shows_no_secrets(tmp_path: Path) -> None:
    """A plan in a log or a stack trace carries no values of the environment."""
    assert "sandbox-token" not in repr(planned(tmp_path))


STOOD_IN_FOR = ["PIPEDRIVE_API_TOKEN", "SLACK_BOT_TOKEN", "ANTHROPIC_API_KEY", "FARM_MODEL_SERVER", "TEMPORAL_ADDRESS"]


@pytest.mark.parametrize("key", STOOD_IN_FOR)
def test_real_list_takes_every_real_thing(tmp_path: Path, key: str) -> None:
    """Each of the keys that the manual names makes the stack smaller by its stand-in."""
    listed = read(PROCESSES)
    whole = make_plan(listed, Instance(tmp_path), 0, {})
    smaller = make_plan(listed, Instance(tmp_path), 0, {key: "real"})
    assert len(smaller.launches) == len(whole.launches) - 1


@pytest.mark.parametrize("key", ["ANTHROPIC_API_KEY", "FARM_MODEL_SERVER_KEY", "OPENAI_API_KEY"])
def test_model_key_reaches_the_gateway_alone(tmp_path: Path, key: str) -> None:
    """Whoever thinks: the key to it is no business of workers and tool servers."""
    chosen = {"FARM_MODEL_SERVER": "http://model.example", "FARM_MODELS": "other-vendor"}
    plan = make_plan(read(PROCESSES), Instance(tmp_path), 0, {**chosen, key: "real"})
    assert [name for name, launch in plan.launches.items() if "real" in launch.env.values()] == ["gateway"]


def test_a_stand_in_that_is_left_out_is_pointed_to_by_nobody(tmp_path: Path) -> None:
    """The other vendor's stand-in is the first one's process: without it, neither its address nor its key is told."""
    listed = read(PROCESSES)
    whole = make_plan(listed, Instance(tmp_path), 0, {})
    assert whole.env["OPENAI_BASE_URL"] == "http://127.0.0.1:8221/v1"
    assert "OPENAI_BASE_URL" not in make_plan(listed, Instance(tmp_path), 0, {"ANTHROPIC_API_KEY": "real"}).env
    theirs = make_plan(listed, Instance(tmp_path), 0, {"OPENAI_API_KEY": "real"})
    assert "sandbox-model" in theirs.launches
    assert "OPENAI_BASE_URL" not in theirs.env

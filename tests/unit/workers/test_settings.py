"""A worker's environment."""

import pytest
from pydantic import ValidationError

from contracts.environment import explain, read
from tests.unit.workers.environment import WHOLE
from workers.settings import WorkerSettings


@pytest.fixture
def environment(monkeypatch):
    """Set the whole environment but for these changes; None takes a variable out."""

    def set_(**changes):
        for field in WorkerSettings.model_fields.values():
            monkeypatch.delenv(str(field.alias), raising=False)
        for name, value in {**WHOLE, **changes}.items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return set_


def test_a_whole_environment_is_read(environment):
    """Tool servers come as a JSON object; the rest has defaults."""
    environment()
    settings = WorkerSettings()
    assert settings.tool_servers == {"crm": "http://127.0.0.1:8101/mcp"}
    assert (settings.host, settings.port, settings.otlp_endpoint) == ("127.0.0.1", 8301, None)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_missing_variable_ends_the_process_by_name(environment, name):
    """Whoever starts the worker reads which one."""
    environment(**{name: None})
    with pytest.raises(SystemExit, match=f"worker: wrong environment\n{name}: "):
        read(WorkerSettings, "worker")


@pytest.mark.parametrize(
    ("name", "value"), [("FARM_PORT", "99999"), ("FARM_CONCURRENT_ACTIVITIES", "0"), ("FARM_BUILD_ID", "it's new")]
)
def test_a_wrong_value_is_shown(environment, name, value):
    """Key and value, so that it can be mended."""
    environment(**{name: value})
    with pytest.raises(ValidationError) as raised:
        WorkerSettings()
    assert explain(raised.value, WorkerSettings).startswith(f"{name}: ")
    assert value in explain(raised.value, WorkerSettings)


def test_the_key_is_not_shown(environment):
    """Neither in a log line nor in an error about another variable."""
    environment(SLACK_CHANNEL=None)
    with pytest.raises(ValidationError) as raised:
        WorkerSettings()
    assert "sk-very-secret" not in f"{raised.value}{explain(raised.value, WorkerSettings)}"
    environment()
    assert "sk-very-secret" not in repr(WorkerSettings())


def test_settings_do_not_change(environment):
    """They are read once, at the start."""
    environment()
    with pytest.raises(ValidationError, match="frozen"):
        WorkerSettings().port = 1

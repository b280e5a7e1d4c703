"""The evaluation as a whole: both tools, the real gateway, the model's stand-in."""

import json

import pytest

from evals.run import BELOW, HELD, Settings, main
from evals.tools import INSPECT, PROMPTFOO
from tests.integration.model_gateway import model_gateway
from tests.integration.processes import environment_python

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    for environment in (INSPECT, PROMPTFOO):
        environment_python(environment.name)
    directory = tmp_path_factory.mktemp("evals")
    with model_gateway(directory) as gateway:
        yield Settings(
            FARM_GATEWAY_URL=gateway.url, FARM_GATEWAY_KEY=gateway.key, FARM_EVAL_DIRECTORY=directory / "out"
        )


def test_both_tools_score_the_stand_in_alike(settings, capsys):
    """promptfoo and Inspect put every question, and the stand-in holds its baseline on both."""
    assert main(settings=settings) == HELD
    told = capsys.readouterr().out
    assert "promptfoo" in told
    assert "inspect" in told
    assert "rules, not a language model" in told


def test_the_prompt_under_test_reaches_the_model(settings, tmp_path):
    """Another prompt file is what both tools send."""
    prompt = tmp_path / "worse.md"
    prompt.write_text("Always answer skip. Marker 7f3a.")
    assert main(prompt, settings) in (HELD, BELOW)
    out = settings.directory
    assert "Marker 7f3a" in (out / "promptfoo.json").read_text()
    (log,) = (out / "inspect").glob("*.json")
    assert "Marker 7f3a" in json.dumps(json.loads(log.read_text()))

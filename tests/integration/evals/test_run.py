"""The evaluation as a whole: both tools, the real gateway, the model's stand-in."""

import json

import pytest

from evals.run import BELOW, BROKEN, HELD, Settings, main
from evals.tools import INSPECT, PROMPTFOO
from tests.integration.model_gateway import model_gateway
from tests.integration.processes import environment_python

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def gateway_alone(tmp_path_factory):
    """What a run needs that asks by the farm's own client."""
    directory = tmp_path_factory.mktemp("evals")
    with model_gateway(directory) as gateway:
        yield Settings(
            FARM_GATEWAY_URL=gateway.url, FARM_GATEWAY_KEY=gateway.key, FARM_EVAL_DIRECTORY=directory / "out"
        )


@pytest.fixture(scope="module")
def settings(gateway_alone):
    """And the two tools."""
    for environment in (INSPECT, PROMPTFOO):
        environment_python(environment.name)
    return gateway_alone


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


def test_a_batch_scores_the_stand_in_as_single_calls_do(gateway_alone, capsys):
    """Every case is a request of one batch, asked as production asks it, and its answer is judged as strictly."""
    assert main(settings=gateway_alone, batch=True) == HELD
    told = capsys.readouterr().out
    assert "batch" in told
    assert "promptfoo" not in told


def test_a_role_whose_vendor_takes_no_batches_is_told(tmp_path, capsys):
    """With exit code 2, as for any evaluation that could not be made."""
    with model_gateway(tmp_path, FARM_MODELS="other-vendor") as gateway:
        settings = Settings(FARM_GATEWAY_URL=gateway.url, FARM_GATEWAY_KEY=gateway.key, FARM_EVAL_DIRECTORY=tmp_path)
        assert main(settings=settings, batch=True) == BROKEN
    assert "whoever plays triage" in capsys.readouterr().out

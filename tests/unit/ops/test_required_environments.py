"""What a test does without the environment that it needs."""

import pytest

from tests.integration.processes import environment_python


def test_by_itself_it_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who runs one test by hand isn't made to install everything."""
    monkeypatch.delenv("FARM_REQUIRE_ENVS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"envs/ghost is not installed: uv sync"):
        environment_python("ghost")


def test_under_the_farms_own_test_verb_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """`./farm test`, and so CI, skips nothing silently."""
    monkeypatch.setenv("FARM_REQUIRE_ENVS", "1")
    with pytest.raises(pytest.fail.Exception, match=r"envs/ghost is not installed"):
        environment_python("ghost")

import httpx
import pytest

from tool_servers.crm.failures import refused, unheard
from tool_servers.ledger import NothingDone


def _answer(status, headers=None, **body):
    return httpx.Response(status, headers=headers, json=body)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (_answer(429, {"retry-after": "2"}), "passing: Pipedrive's rate limit, retry-after=2"),
        (_answer(429, {"x-ratelimit-reset": "1"}), "passing: Pipedrive's rate limit, retry-after=1"),
        (
            _answer(429, {"x-daily-ratelimit-token-remaining": "0", "retry-after": "4000"}),
            "passing: Pipedrive's daily token budget is used up, retry-after=4000",
        ),
        (_answer(503), "passing: Pipedrive answered 503"),
        (_answer(404, error="Deal not found"), "bad arguments: Pipedrive refused (404): Deal not found"),
        (_answer(401, error="unauthorized access"), "permanent: Pipedrive refused (401): unauthorized access"),
        (httpx.Response(403, text="<html>Cloudflare</html>"), "permanent: Pipedrive refused (403): no reason given"),
    ],
)
def test_an_answer_is_told_apart(answer, text):
    """Passing, bad arguments or permanent, with the pause where one is known."""
    assert str(refused(answer)) == text


@pytest.mark.parametrize(("status", "certain"), [(429, True), (404, True), (401, True), (500, False), (503, False)])
def test_only_a_refusal_is_certain_to_have_done_nothing(status, certain):
    """A server's error may come after the deed."""
    assert isinstance(refused(_answer(status)), NothingDone) is certain


@pytest.mark.parametrize(
    ("error", "certain"),
    [(httpx.ConnectError("x"), True), (httpx.ConnectTimeout("x"), True), (httpx.ReadTimeout("x"), False)],
)
def test_silence_is_passing(error, certain):
    """No connection: nothing was done. A connection that fell silent: nobody knows."""
    assert str(unheard(error)).startswith("passing: Pipedrive can't be reached")
    assert isinstance(unheard(error), NothingDone) is certain

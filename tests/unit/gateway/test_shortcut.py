"""The way past the proxy's many routes leads where the long way leads."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gateway.proxy.shortcut import Shortcut

OFTEN = "/v1/messages"


class Counted(Route):
    asked = 0

    def matches(self, scope):
        Counted.asked += 1
        return super().matches(scope)


def saying(text):
    async def say(_: Request) -> PlainTextResponse:
        return PlainTextResponse(text)

    return say


@pytest.fixture
def app():
    Counted.asked = 0
    made = Starlette(routes=[Counted(f"/other/{number}", saying("other")) for number in range(50)])
    made.router.routes.insert(0, Shortcut(OFTEN, made.router.routes))
    return made


def test_the_many_are_asked_once(app):
    """And never again, once the way is known."""
    app.router.routes.append(Route(OFTEN, saying("the first"), methods=["POST"]))
    client = TestClient(app)
    assert client.post(OFTEN).text == "the first"
    Counted.asked = 0
    assert client.post(OFTEN).text == "the first"
    assert Counted.asked == 0


def test_a_route_that_comes_later_is_found(app):
    """LiteLLM adds some when they are first asked for: that there was none isn't remembered."""
    client = TestClient(app)
    assert client.post(OFTEN).status_code == 404
    app.router.routes.append(Route(OFTEN, saying("it came"), methods=["POST"]))
    assert client.post(OFTEN).text == "it came"


def test_who_comes_first_stays_first(app):
    """Of two routes for one path the one that was declared first answers, as without the shortcut."""
    app.router.routes.append(Route("/v1/{anything}", saying("the first"), methods=["POST"]))
    app.router.routes.append(Route(OFTEN, saying("the second"), methods=["POST"]))
    assert TestClient(app).post(OFTEN).text == "the first"


def test_another_method_goes_the_long_way(app):
    """A GET of the path is refused as before, and other paths are found."""
    app.router.routes.append(Route(OFTEN, saying("the first"), methods=["POST"]))
    client = TestClient(app)
    assert client.get(OFTEN).status_code == 405
    assert client.get("/other/49").text == "other"

"""The page: the channel as one person sees it, its buttons, and the modal on that person's screen."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from sandbox.slack import acts, answers, mrkdwn
from sandbox.slack.sandbox import Sandbox
from sandbox.slack.seed import CHANNELS, PEOPLE
from sandbox.slack.workspace import Workspace

Json = dict[str, Any]

_SOMEONE = "U0CLAIRE"


def templates() -> Environment:
    names = {one.id: one.name for one in (*PEOPLE, *CHANNELS)}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    environment.filters["mrkdwn"] = lambda text: mrkdwn.rendered(text, names)
    environment.filters["plain"] = mrkdwn.plain
    environment.filters["clock"] = _clock
    environment.filters["current"] = answers.current
    return environment


async def show(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    workspace = sandbox.workspace
    people = {person.id: person for person in workspace.people()}
    viewer = people.get(request.query_params.get("as", _SOMEONE), people[_SOMEONE])
    modal = workspace.open_view(viewer.id)
    channel = workspace.channels()[0]
    page = request.app.state.templates.get_template("channel.html").render(
        viewer=viewer,
        people=people,
        channel=channel,
        threads=_threads(workspace, channel.id, viewer.id),
        notice=sandbox.notices.get(viewer.id, ""),
        modal=modal,
        faults=sandbox.view_faults.get(modal["id"], {}) if modal else {},
    )
    return HTMLResponse(page)


async def click(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    form = _texts(await request.form())
    by = acts.Click(form["user"], form["channel"], form["ts"], form["action_id"])
    try:
        await acts.click(sandbox, str(request.base_url), by)
    except acts.NotPossible as error:
        return PlainTextResponse(str(error), status_code=404)
    return _back(by.user)


async def submit(request: Request) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    form = _texts(await request.form())
    user, view_id = form.pop("user", ""), form.pop("view_id", "")
    try:
        await acts.submit_view(sandbox, user, view_id, form)
    except acts.NotPossible as error:
        return PlainTextResponse(str(error), status_code=404)
    return _back(user)


async def close(request: Request) -> Response:
    form = _texts(await request.form())
    acts.close_view(request.app.state.sandbox, form.get("view_id", ""))
    return _back(form.get("user", ""))


def _threads(workspace: Workspace, channel: str, viewer: str) -> list[tuple[Json, list[Json]]]:
    return [(root, workspace.replies(channel, root["ts"], viewer)) for root in workspace.roots(channel, viewer)]


def _texts(form: Any) -> dict[str, str]:
    """A browser sends line ends as CRLF; Slack's values have LF."""
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items()}


def _back(user: str) -> Response:
    return RedirectResponse(f"/?as={user if user.isalnum() else _SOMEONE}", status_code=303)


def _clock(ts: str) -> str:
    moment = datetime.fromtimestamp(float(ts), tz=UTC).astimezone()
    same_day = moment.date() == datetime.now(tz=UTC).astimezone().date()
    return moment.strftime("%H:%M" if same_day else "%-d %B, %H:%M")

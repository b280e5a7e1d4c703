"""Templates into answers. Everything is escaped: what strangers wrote is shown here."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from starter.page import forgery, wording
from starter.page.session import SignedIn, said

HERE = Path(__file__).parent
FILES = {"page.css": "text/css", "page.js": "text/javascript"}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    # With none at all a browser would say of our own forms that they come from nowhere.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def link(url: str) -> str:
    """The address where it is one of the web's; else empty: tools say addresses that strangers wrote."""
    try:
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def run_path(run: str) -> str:
    return f"/runs/{quote(run, safe='/:')}"


def _as_json(value: Any) -> str:
    """Not jinja's own, which writes a letter's number where it stands for markup: here it is escaped like all else."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": _moment, "link": link, "run_path": run_path, "as_json": _as_json, "span": wording.span}
    made.globals |= {"wording": wording, "token_field": forgery.FIELD}
    return made


_TEMPLATES = _environment()


def page(request: Request, template: str, status: int = 200, **given: Any) -> Response:
    """A page for whoever is signed in, or nobody."""
    session = request.session
    text = _TEMPLATES.get_template(template).render(
        # Made where a form needs it: a page without one leaves the session alone. To a form that another site sends
        # a browser adds no cookie, and one that was set in the answer would take the place of the person's own.
        token=lambda: forgery.token(session),
        said=said(session),
        now=datetime.now(UTC),
        **({"me": None} | given),
    )
    return HTMLResponse(text, status, headers=HEADERS)


def problem(request: Request, status: int, reason: str, me: SignedIn | None = None, retry_s: int = 0) -> Response:
    """What is wrong, and where to go from here."""
    answer = page(request, "problem.html", status, reason=reason, me=me)
    if retry_s:
        answer.headers["Retry-After"] = str(retry_s)
    return answer


def plain_problem(status: int, reason: str) -> Response:
    """The same without a session: the page isn't served."""
    text = _TEMPLATES.get_template("closed.html").render(reason=reason)
    return HTMLResponse(text, status, headers=HEADERS)


def contents(name: str) -> tuple[str, Mapping[str, str]]:
    """One of the page's own files, and its headers."""
    headers = {"Content-Type": f"{FILES[name]}; charset=utf-8", "Cache-Control": "max-age=300"}
    return (HERE / name).read_text(encoding="utf-8"), headers

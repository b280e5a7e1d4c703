"""A form that somebody else's page sends in a person's name: told by its token, and by what the browser says of it."""

import secrets
from collections.abc import Mapping

from starter.page.session import Session
from starter.refusals import Refused

FIELD = "token"


def token(session: Session) -> str:
    """This session's token, to be hidden in each form."""
    made: str = session.setdefault("token", secrets.token_urlsafe(32))
    return made


def refuse_forged(session: Session, form: Mapping[str, str], headers: Mapping[str, str], origin: str) -> None:
    """Refused 403 for a form that isn't one of ours, sent from a page of ours. `origin`: ours."""
    site = headers.get("sec-fetch-site", "same-origin")
    came_from = headers.get("origin", origin)
    if site not in {"same-origin", "none"} or came_from != origin:
        raise Refused(403, "this came from another site's page, so nothing was done", "unauthorized")
    ours = session.get("token", "")
    if not ours or not secrets.compare_digest(ours.encode(), form.get(FIELD, "").encode()):
        raise Refused(403, "this form is out of date, so nothing was done: open the page again", "unauthorized")

"""What the conversation says about the deal: facts found in tool results and gathered material, by field name."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.model.conversation import Conversation
from sandbox.model.rules.dates import today_in
from sandbox.model.rules.news import News, news_in
from sandbox.model.rules.tools import WRITES

OWN_DOMAIN = "chaleo"
"""Mail from an address with this in it is the company's own."""

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DEAL = re.compile(r"\bdeal[:/ #]+(\d+)")
_SCAN = json.JSONDecoder()


@dataclass(frozen=True)
class Mail:
    """A mail of the deal."""

    sender: str
    subject: str
    body: str
    at: str
    ours: bool
    """Whether the company wrote it."""

    id: int = 0
    """The CRM's, which counts up: times are whole seconds, and two mails can have the same one."""

    thread: str = ""


@dataclass(frozen=True)
class Evidence:
    """The deal as far as the conversation has shown it. An empty string: not shown."""

    today: date
    news: tuple[News, ...]
    deal_id: str = ""
    title: str = ""
    organization: str = ""
    contact: str = ""
    address: str = ""
    owner: str = ""
    closing: str = ""
    mails: tuple[Mail, ...] = ()
    """Newest first."""

    @property
    def unanswered(self) -> Mail | None:
        """The client's newest mail, when we have not written in its thread since."""
        newest = next((mail for mail in self.mails if not mail.ours), None)
        since = itertools.takewhile(lambda mail: mail != newest, self.mails)
        return None if newest is None or any(mail.thread == newest.thread for mail in since) else newest

    @property
    def first_name(self) -> str:
        """The contact's first name."""
        return self.contact.split(" ")[0]


def gather(conversation: Conversation) -> Evidence:
    """Read the conversation so far."""
    said = conversation.said
    # What a write answers describes our own deed, and is no news of the deal.
    results = [
        exchange.result.text
        for exchange in conversation.exchanges
        if not exchange.result.is_error and exchange.call.name not in WRITES
    ]
    documents = [document for text in (*results, said) for document in documents_in(text)]
    deal = next((found for document in documents if (found := _deal(document))), {})
    person = deal.get("person") or deal.get("person_id") or {}
    person = person if isinstance(person, Mapping) else {"name": str(person)}
    named = _DEAL.search(said)
    return Evidence(
        today=today_in(said),
        news=news_in(said),
        deal_id=str(deal.get("id") or deal.get("deal_id") or (named[1] if named else "")),
        title=str(deal.get("title", "")),
        organization=_name(deal.get("organization") or deal.get("org_id") or deal.get("org")),
        contact=_name(person),
        address=_address(person),
        owner=_name(deal.get("owner") or deal.get("owner_id") or deal.get("user_id")),
        closing=str(deal.get("expected_close_date") or ""),
        mails=_mails(documents),
    )


def documents_in(text: str) -> Iterator[Any]:
    """Every JSON object or list in a text, outermost ones, whatever stands around them."""
    place = 0
    while (match := re.compile(r"[\[{]").search(text, place)) is not None:
        try:
            document, place = _SCAN.raw_decode(text, match.start())
        except ValueError:
            place = match.end()
            continue
        yield document


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _objects(item)


def _deal(document: Any) -> Mapping[str, Any] | None:
    return next(
        (
            item
            for item in _objects(document)
            if isinstance(item.get("title"), str) and ("stage" in item or "stage_id" in item)
        ),
        None,
    )


def _mails(documents: list[Any]) -> tuple[Mail, ...]:
    found = {
        mail: None
        for document in documents
        for item in _objects(document)
        if "subject" in item and "from" in item
        for mail in [_mail(item)]
    }
    return tuple(sorted(found, key=lambda mail: (mail.at, mail.id, len(mail.body)), reverse=True))


def _mail(item: Mapping[str, Any]) -> Mail:
    at = next((str(item[key]) for key in ("timestamp", "message_time", "at", "date", "add_time") if item.get(key)), "")
    body = re.sub(r"<[^>]+>", " ", str(item.get("body") or item.get("snippet") or ""))
    sender = _address(item["from"]) or _name(item["from"])
    ours = item.get("direction") == "out" or OWN_DOMAIN in sender.lower()
    id_ = item.get("id")
    number = id_ if isinstance(id_, int) else 0
    return Mail(sender, str(item["subject"]), body.strip(), at, ours, number, str(item.get("thread_id") or ""))


def _name(value: Any) -> str:
    if isinstance(value, list):
        return _name(value[0]) if value else ""
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("value") or "")
    return "" if value is None or isinstance(value, int) else str(value)


def _address(value: Any) -> str:
    found = _ADDRESS.search(json.dumps(value, ensure_ascii=False))
    return found[0] if found else ""

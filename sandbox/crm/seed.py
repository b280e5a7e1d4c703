"""Fill an empty CRM with Chaleo's year: written down in `seed/*.json`, in days before now, so it never grows old.

The same moment gives the same data. Nothing of it is logged as a change or told to a webhook.
"""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from sandbox.crm.crm import Crm
from sandbox.crm.entities import BY_KIND
from sandbox.crm.mails import Letter, mail_record
from sandbox.crm.records import Record
from sandbox.crm.rules import settle
from sandbox.crm.times import rfc3339

_FILES = resources.files(__package__).joinpath("seed")


def seed(crm: Crm) -> bool:
    """True where data was written; an inhabited CRM is left alone."""
    if crm.records.all("user"):
        return False
    with crm.records.transaction():
        Sower(crm).sow()
    return True


class Sower:
    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._now = crm.clock()
        self._users: dict[str, int] = {}
        self._stages: dict[str, int] = {}
        self._labels: dict[str, int] = {}

    def sow(self) -> None:
        self._company(_read(_FILES / "company.json"))
        for organization in _read(_FILES / "organizations.json"):
            self._organization(organization)
        for deal in sorted(_deals(), key=lambda deal: int(deal["id"])):
            self._deal(deal)

    def _company(self, company: Any) -> None:
        born = rfc3339(self._now - timedelta(days=900))
        insert = self._crm.records.insert
        for user in company["users"]:
            self._users[user.pop("key")] = user["id"]
            insert("user", {**user, "active_flag": True, "created": born, "default_currency": "EUR", "icon_url": None})
        insert("pipeline", {**company["pipeline"], "is_deleted": False, "add_time": born, "update_time": born})
        for stage in company["stages"]:
            self._stages[stage["name"]] = stage["id"]
            insert("stage", {**stage, "pipeline_id": 1, "is_deleted": False, "add_time": born, "update_time": born})
        for label in company["labels"]:
            self._labels[label["label"]] = label["id"]
            insert("label", label)

    def _organization(self, organization: Any) -> None:
        owner = self._users[organization["owner"]]
        at = self._now - timedelta(days=400)
        address = {"value": organization["address"]}
        self._put("organization", at, id=organization["id"], name=organization["name"], owner_id=owner, address=address)
        for person in organization["people"]:
            self._put(
                "person",
                at,
                id=person["id"],
                name=person["name"],
                owner_id=owner,
                org_id=organization["id"],
                emails=[{"value": person["email"], "primary": True, "label": "work"}],
                phones=[{"value": person["phone"], "primary": True, "label": "work"}],
            )

    def _deal(self, planted: Any) -> None:
        owner = self._users[planted["owner"]]
        at = self._moment(planted["days_ago"], planted.get("at", "09:00"))
        deal = {
            "id": planted["id"],
            "title": planted["title"],
            "owner_id": owner,
            "creator_user_id": owner,
            "org_id": planted["org"],
            "person_id": planted["person"],
            "stage_id": self._stages[planted["stage"]],
            "value": planted["value"],
            "label_ids": [self._labels[label] for label in planted.get("labels", [])],
            "expected_close_date": self._day(planted["close_in"]) if "close_in" in planted else None,
            "status": planted.get("status", "open"),
            "lost_reason": planted.get("lost_reason"),
        }
        record = self._put("deal", at, **deal)
        for note in planted.get("notes", []):
            self._note(record, note)
        for activity in planted.get("activities", []):
            self._activity(record, activity)
        for number, mail in enumerate(planted.get("mails", []), start=1):
            record = self._mail(record, number, mail)

    def _note(self, deal: Record, note: Any) -> None:
        by = self._users[note["by"]]
        links = {"deal_id": deal["id"], "org_id": deal["org_id"], "person_id": deal["person_id"]}
        self._put("note", self._moment(note["days_ago"], note["at"]), user_id=by, content=note["text"], **links)

    def _activity(self, deal: Record, activity: Any) -> None:
        by = self._users[activity["by"]]
        self._put(
            "activity",
            self._moment(activity["days_ago"], activity["at"]),
            subject=activity["subject"],
            type=activity["type"],
            owner_id=by,
            creator_user_id=by,
            deal_id=deal["id"],
            org_id=deal["org_id"],
            person_id=deal["person_id"],
            due_date=self._day(activity["due_in"]),
            done=activity.get("done", False),
            note=activity.get("note"),
        )

    def _mail(self, deal: Record, number: int, mail: Any) -> Record:
        """File the mail, and give the deal back with its mail times moved on."""
        at = self._moment(mail["days_ago"], mail["at"])
        outgoing = mail["by"] != "client"
        client = self._party("person", deal["person_id"])
        ours = self._party("user", self._users[mail["by"]] if outgoing else deal["owner_id"])
        letter = Letter(
            sender=ours if outgoing else client,
            to=(client if outgoing else ours,),
            subject=mail["subject"],
            body=mail["body"],
            message_id=f"<seed-{deal['id']}-{number}@{'chaleo.example' if outgoing else 'client.example'}>",
            outgoing=outgoing,
        )
        self._crm.records.insert("mail", mail_record(self._crm, deal, letter, at))
        moved = "last_outgoing_mail_time" if outgoing else "last_incoming_mail_time"
        known = {**deal, moved: rfc3339(at), "email_messages_count": deal["email_messages_count"] + 1}
        self._crm.records.replace("deal", known)
        return known

    def _party(self, kind: str, id_: int) -> tuple[str, str]:
        record = self._crm.get(kind, id_)
        return record["name"], record["email"] if kind == "user" else record["emails"][0]["value"]

    def _put(self, kind: str, at: datetime, **fields: Any) -> Record:
        new = {**BY_KIND[kind].blank, **fields, "add_time": rfc3339(at)}
        return self._crm.records.insert(kind, settle(kind, {}, new, at))

    def _moment(self, days_ago: int, at: str) -> datetime:
        day = (self._now - timedelta(days=days_ago)).date()
        return datetime.combine(day, time.fromisoformat(at), tzinfo=self._now.tzinfo)

    def _day(self, in_days: int) -> str:
        return (self._now + timedelta(days=in_days)).date().isoformat()


def _deals() -> Iterator[Any]:
    for file in (_FILES / "deals").iterdir():
        yield from _read(file)


def _read(file: Traversable) -> Any:
    return json.loads(file.read_text("utf-8"))

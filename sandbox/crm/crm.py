"""The CRM itself: every write changes the record, logs the change and queues its webhooks, in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from sandbox.crm.changes import Actor, ChangeLog, Written, differences
from sandbox.crm.entities import BY_KIND, Entity
from sandbox.crm.payloads import matches, payload
from sandbox.crm.queue import DeliveryQueue
from sandbox.crm.records import Record, Records
from sandbox.crm.refusals import Invalid, NotFound
from sandbox.crm.rules import settle
from sandbox.crm.times import now, rfc3339


class Crm:
    """What both doors write through. Raises `Refused` for what the vendor would refuse."""

    def __init__(self, records: Records, clock: Callable[[], datetime] = now) -> None:
        self.records = records
        self.clock = clock
        self.log = ChangeLog(records)
        self.queue = DeliveryQueue(records)

    def get(self, kind: str, id_: int) -> Record:
        """A record that is there and not deleted, else `NotFound`."""
        record = self.records.get(kind, id_)
        if record is None or record.get("is_deleted") or record.get("active_flag") is False:
            raise NotFound(BY_KIND[kind].title if kind in BY_KIND else kind.capitalize())
        return record

    def create(self, kind: str, body: Any, actor: Actor) -> Record:
        entity = BY_KIND[kind]
        fields = self._checked(entity, body)
        missing = [field for field in entity.required if not fields.get(field)]
        if missing:
            raise Invalid(f"Validation failed: {missing[0]}: Required")
        at = self.clock()
        owner = {entity.owner_field: fields.get(entity.owner_field) or actor.user_id}
        new = {**entity.blank, **fields, **owner, "add_time": rfc3339(at)}
        if "creator_user_id" in new:
            new["creator_user_id"] = actor.user_id
        with self.records.transaction():
            record = self.records.insert(kind, settle(kind, {}, self._linked(kind, new), at))
            self.tell(Written(at, actor, "create", kind, None, record))
        return record

    def change(self, kind: str, id_: int, body: Any, actor: Actor) -> Record:
        entity = BY_KIND[kind]
        return self.write_fields(kind, self.get(kind, id_), self._checked(entity, body), actor)

    def write_fields(self, kind: str, before: Record, fields: Record, actor: Actor) -> Record:
        """Set fields already known to be good. Nothing is told where nothing differs."""
        at = self.clock()
        after = settle(kind, before, self._linked(kind, {**before, **fields}), at)
        if not differences(before, after):
            return before
        with self.records.transaction():
            self.records.replace(kind, after)
            self.tell(Written(at, actor, "change", kind, before, after))
        return after

    def delete(self, kind: str, id_: int, actor: Actor) -> None:
        before = self.get(kind, id_)
        at = self.clock()
        gone = {"active_flag": False} if "active_flag" in before else {"is_deleted": True}
        with self.records.transaction():
            self.records.replace(kind, {**before, **gone, "update_time": rfc3339(at)})
            self.tell(Written(at, actor, "delete", kind, before, None))

    def tell(self, written: Written) -> None:
        """Log a write and queue its webhooks. Call inside the transaction of the write."""
        self.log.write(written)
        permitted = [str(user["id"]) for user in self.records.all("user")]
        for webhook in self.records.all("webhook"):
            if matches(webhook, written.action, written.entity):
                event = payload(webhook, written, permitted)
                self.queue.put(webhook["id"], f"{written.entity}:{written.record['id']}", event, written.at.timestamp())

    def _checked(self, entity: Entity, body: Any) -> Record:
        try:
            written = entity.write.model_validate(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "body"
            raise Invalid(f"Validation failed: {where}: {first['msg']}") from error
        fields = written.model_dump(exclude_unset=True)
        for field, kind in entity.refers.items():
            self._check_reference(field, kind, fields.get(field))
        return fields

    def _check_reference(self, field: str, kind: str, value: Any) -> None:
        ids = value if isinstance(value, list) else [value]
        if any(id_ is not None and self.records.get(kind, id_) is None for id_ in ids):
            raise Invalid(f"Validation failed: {field}: {kind} {value} does not exist")

    def _linked(self, kind: str, record: Record) -> Record:
        """A deal's pipeline follows its stage; what hangs on a deal takes the deal's person and organization."""
        if kind == "deal":
            stage = self.records.get("stage", record["stage_id"])
            return {**record, "pipeline_id": stage["pipeline_id"]} if stage else record
        if kind == "activity" and record["deal_id"]:
            deal = self.records.get("deal", record["deal_id"]) or {}
            return {**record, **{f: record[f] or deal.get(f) for f in ("person_id", "org_id")}}
        return record

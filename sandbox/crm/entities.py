"""What each entity is: the fields a caller may write, and how a new one looks. Names are those of Pipedrive's API v2.

Source: the vendor's OpenAPI documents for v1 and v2 (developers.pipedrive.com/docs/api). v2 takes JSON types
strictly; it is not documented what it does with a field that it doesn't know, so the sandbox refuses it.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Time = Annotated[str, Field(pattern=r"^\d{2}:\d{2}(:\d{2})?$")]


class Write(BaseModel):
    """The body of a POST or PATCH; a field that isn't sent isn't touched."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DealWrite(Write):
    title: Annotated[str, Field(min_length=1)] | None = None
    owner_id: int | None = None
    person_id: int | None = None
    org_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    value: float | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    is_archived: bool | None = None
    status: Literal["open", "won", "lost"] | None = None
    probability: Annotated[float, Field(ge=0, le=100)] | None = None
    lost_reason: str | None = None
    visible_to: int | None = None
    expected_close_date: Date | None = None
    label_ids: list[int] | None = None
    custom_fields: dict[str, Any] | None = None


class Contact(Write):
    value: str
    primary: bool = False
    label: str = "work"


class PersonWrite(Write):
    name: Annotated[str, Field(min_length=1)] | None = None
    owner_id: int | None = None
    org_id: int | None = None
    emails: list[Contact] | None = None
    phones: list[Contact] | None = None
    visible_to: int | None = None
    label_ids: list[int] | None = None
    custom_fields: dict[str, Any] | None = None


class OrganizationWrite(Write):
    name: Annotated[str, Field(min_length=1)] | None = None
    owner_id: int | None = None
    address: dict[str, Any] | None = None
    visible_to: int | None = None
    label_ids: list[int] | None = None
    custom_fields: dict[str, Any] | None = None


class ActivityWrite(Write):
    subject: str | None = None
    type: str | None = None
    owner_id: int | None = None
    deal_id: int | None = None
    person_id: int | None = None
    org_id: int | None = None
    due_date: Date | None = None
    due_time: Time | None = None
    duration: Time | None = None
    busy: bool | None = None
    done: bool | None = None
    public_description: str | None = None
    priority: int | None = None
    note: str | None = None


class NoteWrite(Write):
    """v1: numbers may come as strings."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    content: Annotated[str, Field(min_length=1)] | None = None
    deal_id: int | None = None
    person_id: int | None = None
    org_id: int | None = None
    user_id: int | None = None
    pinned_to_deal_flag: bool | None = None


@dataclass(frozen=True)
class Entity:
    """One kind of record. `refers` maps a field to the kind that it points at."""

    kind: str
    title: str
    write: type[Write]
    required: tuple[str, ...]
    refers: dict[str, str]
    blank: dict[str, Any] = field(default_factory=dict)
    owner_field: str = "owner_id"


_OWNED = {"owner_id": "user", "person_id": "person", "org_id": "organization"}

DEAL = Entity(
    "deal",
    "Deal",
    DealWrite,
    ("title",),
    {**_OWNED, "stage_id": "stage", "pipeline_id": "pipeline", "label_ids": "label"},
    {
        "title": "", "creator_user_id": None, "owner_id": None, "person_id": None, "org_id": None,
        "pipeline_id": 1, "stage_id": 1, "value": 0, "currency": "EUR", "status": "open",
        "add_time": None, "update_time": None, "stage_change_time": None, "expected_close_date": None,
        "probability": None, "lost_reason": None, "visible_to": 3, "close_time": None, "won_time": None,
        "first_won_time": None, "lost_time": None, "label_ids": [], "is_deleted": False, "is_archived": False,
        "archive_time": None, "origin": "ManuallyCreated", "origin_id": None, "channel": None, "channel_id": None,
        "custom_fields": {}, "email_messages_count": 0, "last_incoming_mail_time": None,
        "last_outgoing_mail_time": None,
    },
)  # fmt: skip

PERSON = Entity(
    "person",
    "Person",
    PersonWrite,
    ("name",),
    {"owner_id": "user", "org_id": "organization"},
    {
        "name": "", "first_name": None, "last_name": None, "owner_id": None, "org_id": None, "emails": [],
        "phones": [], "add_time": None, "update_time": None, "is_deleted": False, "visible_to": 3,
        "label_ids": [], "picture_id": None, "custom_fields": {},
    },
)  # fmt: skip

ORGANIZATION = Entity(
    "organization",
    "Organization",
    OrganizationWrite,
    ("name",),
    {"owner_id": "user"},
    {
        "name": "", "owner_id": None, "address": None, "add_time": None, "update_time": None,
        "is_deleted": False, "visible_to": 3, "label_ids": [], "custom_fields": {},
    },
)  # fmt: skip

ACTIVITY = Entity(
    "activity",
    "Activity",
    ActivityWrite,
    (),
    {**_OWNED, "deal_id": "deal"},
    {
        "subject": "", "type": "task", "owner_id": None, "creator_user_id": None, "is_deleted": False,
        "add_time": None, "update_time": None, "deal_id": None, "lead_id": None, "person_id": None,
        "org_id": None, "project_id": None, "due_date": None, "due_time": None, "duration": None, "busy": False,
        "done": False, "marked_as_done_time": None, "location": None, "participants": [], "attendees": [],
        "public_description": None, "priority": None, "note": None,
    },
)  # fmt: skip

NOTE = Entity(
    "note",
    "Note",
    NoteWrite,
    ("content",),
    {"user_id": "user", "deal_id": "deal", "person_id": "person", "org_id": "organization"},
    {
        "user_id": None, "deal_id": None, "person_id": None, "org_id": None, "lead_id": None, "content": "",
        "add_time": None, "update_time": None, "active_flag": True, "pinned_to_deal_flag": False,
        "pinned_to_person_flag": False, "pinned_to_organization_flag": False, "last_update_user_id": None,
    },
    owner_field="user_id",
)  # fmt: skip

BY_KIND = {entity.kind: entity for entity in (DEAL, PERSON, ORGANIZATION, ACTIVITY, NOTE)}

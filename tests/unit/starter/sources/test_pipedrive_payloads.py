"""Every kind of Pipedrive's objects, created, changed, deleted, merged. What the payloads rest on: their README."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.events import Event
from contracts.names import entity_workflow_id, run_owner, run_workflow_id
from starter.sources.no_event import Ignored, MalformedWebhookError
from starter.sources.pipedrive import normalise
from starter.sources.pipedrive_objects import OF_ANOTHER, OF_ITSELF

PAYLOADS = Path(__file__).parent / "payloads"
LEAD = "adf21080-0e10-11eb-879b-05d71fb426ec"

ENTITIES = {
    "activity": "deal:42",
    "board": "board:2",
    "deal": "deal:42",
    "deal_installment": "deal:42",
    "deal_product": "deal:42",
    "lead": f"lead:{LEAD}",
    "note": "deal:42",
    "organization": "organization:8",
    "person": "person:15",
    "phase": "phase:6",
    "pipeline": "pipeline:1",
    "product": "product:21",
    "project": "project:5",
    "stage": "stage:3",
    "task": "task:61",
    "user": "user:11",
}
CHANGED = {
    "activity": 'Activity 77 "Call Julien" changed: done False -> True',
    "board": 'Board 2 "Pose" changed: name Board -> Pose',
    "deal": 'Deal 42 "Résidence Les Tilleuls" changed: stage_id 2 -> 3, value 48600 -> 52000',
    "deal_installment": "Deal installment 31 changed: amount 20000 -> 26000",
    "deal_product": 'Deal product 901 "Radiateur C2" changed: quantity 48 -> 64, sum 37050 -> 49400',
    "lead": f'Lead {LEAD} "Groupe scolaire Jean Macé" changed: title Jean Macé -> Groupe scolaire Jean Macé',
    "note": "Note 301 changed: content Ils veulent 48 radiateurs -> Ils veulent 64 radiateurs",
    "organization": 'Organization 8 "Bâti-Rhône" changed: name Bati Rhone -> Bâti-Rhône',
    "person": 'Person 15 "Julien Moreau" changed: org_id none -> 8',
    "phase": 'Phase 6 "En cours" changed: order_nr 1 -> 2',
    "pipeline": 'Pipeline 1 "Chantiers" changed: name Pipeline -> Chantiers',
    "product": 'Product 21 "Radiateur C2" changed: tax 10 -> 20',
    "project": 'Project 5 "Pose Les Tilleuls" changed: phase_id 5 -> 6',
    "stage": 'Stage 3 "Devis envoyé" changed: order_nr 2 -> 3',
    "task": 'Task 61 "Commander les fixations" changed: done False -> True, is_done False -> True',
    "user": 'User 11 "Claire Dubois" changed: phone +33 6 00 00 00 00 -> none',
}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def event(payload: Any) -> Event:
    read = normalise(payload)
    assert isinstance(read, Event), read
    return read


def test_every_kind_that_is_documented_is_known() -> None:
    """Sixteen, and a payload of each action for each."""
    assert OF_ITSELF | OF_ANOTHER.keys() == ENTITIES.keys()
    plain = {f"{kind}-{action}" for kind in ENTITIES for action in ("create", "change", "delete")}
    merges = {f"{kind}-{half}-merged" for kind in ("deal", "person", "organization") for half in ("change", "delete")}
    assert {each.stem for each in PAYLOADS.glob("*.json")} == plain | merges


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("action", ["create", "change", "delete"])
def test_it_is_an_event_of_whom_it_concerns(kind: str, action: str) -> None:
    """Of its deal where it belongs to one, else of itself; under the source's own id, with who did it."""
    sent = payload(f"{kind}-{action}")
    read = event(sent)
    assert (read.kind, str(read.entity)) == (f"{kind}.{action}", ENTITIES[kind])
    assert (read.id, read.actor) == (sent["meta"]["id"], "pipedrive:user:11")


@pytest.mark.parametrize("kind", ENTITIES)
def test_a_change_says_what_changed(kind: str) -> None:
    """In one plain line, with what a person calls the object."""
    read = event(payload(f"{kind}-change"))
    assert read.summary == CHANGED[kind]
    assert "update_time" not in read.changes


@pytest.mark.parametrize(("kind", "gone", "kept"), [("deal", 43, 42), ("person", 16, 15), ("organization", 9, 8)])
def test_a_merge_is_two_events_that_name_each_other(kind: str, gone: int, kept: int) -> None:
    """The one that is gone says where to, the one that stays what it took in."""
    lost, stayed = event(payload(f"{kind}-delete-merged")), event(payload(f"{kind}-change-merged"))
    assert (str(lost.entity), f"merged into {kept}" in lost.summary) == (f"{kind}:{gone}", True)
    assert (str(stayed.entity), f"merged with {gone}: " in stayed.summary) == (f"{kind}:{kept}", True)


def without(name: str, *fields: str, **others: Any) -> dict[str, Any]:
    sent = payload(name)
    return sent | {"data": sent["data"] | dict.fromkeys(fields) | others}


@pytest.mark.parametrize("name", ["note-create", "activity-change"])
@pytest.mark.parametrize(
    ("fields", "others", "entity"),
    [
        (("deal_id",), {"lead_id": LEAD}, f"lead:{LEAD}"),
        (("deal_id", "lead_id"), {}, "person:15"),
        (("deal_id", "lead_id", "person_id"), {}, "organization:8"),
        (("deal_id", "lead_id", "person_id", "org_id"), {"project_id": 5}, "project:5"),
    ],
)
def test_what_belongs_to_no_deal_goes_to_the_next_it_names(
    name: str, fields: tuple[str, ...], others: dict[str, Any], entity: str
) -> None:
    """Lead, person, organization, project: the first."""
    assert str(event(without(name, *fields, **others)).entity) == entity


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (without("note-create", "deal_id", "lead_id", "person_id", "org_id"), "note 301 belongs to no deal or lead"),
        (without("deal_product-create", "deal_id"), "deal_product 901 belongs to no deal"),
        (without("deal_installment-change", "deal_id"), "deal_installment 31 belongs to no deal"),
    ],
)
def test_what_belongs_to_nothing_is_ignored(sent: dict[str, Any], reason: str) -> None:
    """With the reason."""
    read = normalise(sent)
    assert isinstance(read, Ignored)
    assert reason in read.reason


@pytest.mark.parametrize(
    ("name", "entity_id", "says"),
    [
        ("lead-create", "42", "meta.entity_id: expected a lead's UUID, got '42'"),
        ("lead-create", f"{LEAD}/run-1", "expected a lead's UUID"),
        ("person-change", LEAD, "meta.entity_id: expected a person's number, at most 18 digits"),
        ("stage-change", "3:4", "expected a stage's number"),
        ("user-change", "", "expected a user's number"),
    ],
)
def test_an_id_of_another_form_is_refused(name: str, entity_id: str, says: str) -> None:
    """A number or a UUID, by kind: it becomes part of a workflow's id."""
    sent = payload(name)
    sent["meta"]["entity_id"] = entity_id
    with pytest.raises(MalformedWebhookError, match=says):
        normalise(sent)


@pytest.mark.parametrize("kind", ENTITIES)
def test_a_run_of_any_of_them_can_be_told_by_its_name(kind: str) -> None:
    """Agent and entity stand in it, a UUID's dashes and a kind's underscore too."""
    read = event(payload(f"{kind}-create"))
    run = run_workflow_id(entity_workflow_id("agent", read.entity), 7)
    assert run_owner(run) == ("agent", ENTITIES[kind])

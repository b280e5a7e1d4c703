"""The table of operations says what the code really takes and gives."""

from types import NoneType

import pytest
from temporalio import activity, workflow

from activities.alarms import AlarmActivities
from activities.batch import BatchActivities
from activities.kit import KitActivities
from activities.model import ModelActivities
from activities.records import RecordActivities
from activities.settling import SettlingActivities
from activities.tools import ToolActivities
from contracts import names
from contracts.operations import ACTIVITIES, COLLECTOR_WORKFLOW, ENTITY_WORKFLOW, RUN_WORKFLOW, Operation
from tests.fakes import FakeFarm
from workflows.batch.collector import FarmCollector
from workflows.sales.workflow import SalesDeal, SalesRun

REAL = {
    names.PREPARE_RUN: KitActivities.prepare_run,
    names.CALL_MODEL: ModelActivities.call_model,
    names.CALL_TOOL: ToolActivities.call_tool,
    names.SETTLE_EFFECT: SettlingActivities.settle_effect,
    names.RECORD_RUN: RecordActivities.record_run,
    names.RECORD_APPROVAL: RecordActivities.record_approval,
    names.NEXT_RUN: RecordActivities.next_run,
    names.RECORD_INTERVENTION: RecordActivities.record_intervention,
    names.KEEP_TEXT: RecordActivities.keep_text,
    names.READ_USED: RecordActivities.read_used,
    names.READ_APPROVAL: RecordActivities.read_approval,
    names.RAISE_ALARM: AlarmActivities.raise_alarm,
    names.CHECK_EDIT: RecordActivities.check_edit,
    names.NEWER_POLICIES: RecordActivities.newer_policies,
    names.STANDING_CONSENT: RecordActivities.standing_consent,
    names.ASK_BY_BATCH: BatchActivities.ask_by_batch,
    names.LEAVE_BATCH: BatchActivities.leave_batch,
    names.READ_BATCHES: BatchActivities.read_batches,
    names.SUBMIT_BATCH: BatchActivities.submit_batch,
    names.COLLECT_BATCH: BatchActivities.collect_batch,
}


def operation(definition) -> Operation:
    takes = (definition.arg_types or [None])[-1]
    gives = getattr(definition, "ret_type", None)  # a signal has none
    return Operation(takes, None if gives is NoneType else gives)


def handled(handlers):
    return {name: operation(each) for name, each in handlers.items() if name}


def test_every_activity_is_in_the_table():
    """No activity that a workflow could call is left out."""
    assert REAL.keys() == ACTIVITIES.keys()


@pytest.mark.parametrize("name", sorted(ACTIVITIES))
def test_an_activity_keeps_its_contract(name):
    """The activity's own types are those of the table, under that name."""
    definition = activity._Definition.must_from_callable(REAL[name])
    assert definition.name == name
    assert operation(definition) == ACTIVITIES[name]


@pytest.mark.parametrize("name", sorted(ACTIVITIES))
def test_the_stand_in_keeps_the_contract_too(name):
    """A test that passes against the fake farm has met the real types."""
    fakes = {activity._Definition.must_from_callable(each).name: each for each in FakeFarm({}).activities}
    assert operation(activity._Definition.must_from_callable(fakes[name])) == ACTIVITIES[name]


@pytest.mark.parametrize(
    ("kind", "its"), [(SalesDeal, ENTITY_WORKFLOW), (SalesRun, RUN_WORKFLOW), (FarmCollector, COLLECTOR_WORKFLOW)]
)
def test_a_workflow_keeps_its_contract(kind, its):
    """Argument, result, signals, updates and queries of the sales agent are those of the table."""
    definition = workflow._Definition.must_from_class(kind)
    assert operation(definition) == its.run
    assert handled(definition.signals) == its.signals
    assert handled(definition.updates) == its.updates
    assert handled(definition.queries) == its.queries

"""The farm's own records: how a run stands, what a person was asked, said and did, what it used."""

from collections.abc import Callable
from typing import Any

from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable
from temporalio import activity

from activities.edits import flaw
from contracts import names
from contracts.approvals import ApprovalId, ApprovalRecord, Edit, EditCheck, FoundApproval
from contracts.calls import RunRecord
from contracts.policy import Policies, PoliciesSince
from contracts.standing import FoundConsent, WantedCall
from contracts.steering import Intervention
from contracts.workflows import EntityWorkflowId, RunId, RunNumber, Text, TextRef, Used
from store.approvals import Approvals
from store.blobs import Blobs
from store.database import Database
from store.errors import BlobMissing
from store.interventions import Interventions
from store.model_calls import ModelCalls
from store.policies import PolicyBook
from store.runs import Runs
from store.standing import StandingConsents


class RecordActivities:
    """Short reads and writes; the workflow runs them as local activities."""

    def __init__(self, db: Database) -> None:
        self._runs = Runs(db)
        self._approvals = Approvals(db)
        self._interventions = Interventions(db)
        self._ledger = ModelCalls(db)
        self._blobs = Blobs(db)
        self._policies = PolicyBook(db)
        self._consents = StandingConsents(db)

    @activity.defn(name=names.RECORD_RUN)
    async def record_run(self, record: RunRecord) -> None:
        await self._runs.record(record)

    @activity.defn(name=names.NEXT_RUN)
    async def next_run(self, entity: EntityWorkflowId) -> RunNumber:
        return RunNumber(number=await self._runs.last_number(entity.workflow_id) + 1)

    @activity.defn(name=names.RECORD_APPROVAL)
    async def record_approval(self, record: ApprovalRecord) -> None:
        await self._approvals.record(record)

    @activity.defn(name=names.RECORD_INTERVENTION)
    async def record_intervention(self, intervention: Intervention) -> None:
        await self._interventions.record(intervention)

    @activity.defn(name=names.KEEP_TEXT)
    async def keep_text(self, text: Text) -> TextRef:
        return TextRef(ref=await self._blobs.put(text.text))

    @activity.defn(name=names.READ_USED)
    async def read_used(self, run: RunId) -> Used:
        return await self._ledger.used(run.run)

    @activity.defn(name=names.READ_APPROVAL)
    async def read_approval(self, approval: ApprovalId) -> FoundApproval:
        return FoundApproval(record=await self._approvals.get(approval.id))

    @activity.defn(name=names.CHECK_EDIT)
    async def check_edit(self, edit: Edit) -> EditCheck:
        """What can't be checked doesn't count as an edit; approving what was shown, or rejecting it, still does."""
        try:
            return EditCheck(flaw=flaw(await self._blobs.get(edit.toolset), edit.tool, edit.arguments))
        except BlobMissing:
            return EditCheck(flaw="its tools' schemas are no longer stored; approve or reject")
        except (SchemaError, Unresolvable) as error:
            return EditCheck(flaw=f"its tool's schema can't be used ({type(error).__name__}); approve or reject")

    @activity.defn(name=names.STANDING_CONSENT)
    async def standing_consent(self, call: WantedCall) -> FoundConsent:
        return FoundConsent(consent=await self._consents.find(call))

    @activity.defn(name=names.NEWER_POLICIES)
    async def newer_policies(self, wanted: PoliciesSince) -> Policies:
        return Policies(policies=tuple(await self._policies.since(wanted.agent, wanted.since)))

    @property
    def all(self) -> tuple[Callable[..., Any], ...]:
        return (
            self.record_run,
            self.next_run,
            self.record_approval,
            self.record_intervention,
            self.keep_text,
            self.read_used,
            self.read_approval,
            self.check_edit,
            self.standing_consent,
            self.newer_policies,
        )

"""Questions, decisions good and bad, timers, new histories and new attempts, in any order: what runs was allowed.

The desk is held against a second account of the same rules, written down here as plainly as can be.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.agents import Kit
from contracts.approvals import ApprovalRecord, ApprovalRequest, Decision, DecisionReceipt, Verdict
from contracts.effects import arguments_hash
from contracts.people import Deputy, Person
from contracts.policy import ApprovalPolicy
from contracts.workflows import RunState, Used
from tests.unit.workflows.samples import NOON, request
from workflows.people.approvals import Desk
from workflows.people.approvers import goes_further
from workflows.people.terms import term

TERM = timedelta(hours=8)
CLAIRE, TOM, HEAD, INES, DEPUTY = "U0CLAIRE", "U0TOM", "U0HEAD", "U0INES", "U0DEPUTY"
NAMES = {CLAIRE: CLAIRE, "claire@example.com": CLAIRE, "CLAIRE@example.com": CLAIRE, TOM: TOM, HEAD: HEAD, INES: INES}
NAMES |= {DEPUTY: DEPUTY}
"""Every name that somebody comes by -> who it is."""

POLICY = ApprovalPolicy(
    approvers=(CLAIRE, TOM),
    people=(Person(id=CLAIRE, also=("claire@example.com",)), Person(id=TOM)),
    deputies=(Deputy(of=TOM, by=DEPUTY),),
    escalation=((HEAD,),),
    expires_after=TERM,
)
ASKED = [{"amount": 1}, {"amount": 2}]
EDITS = [{"amount": 10}, {"amount": 20}]
IDS = ["a1", "a2"]


@dataclass
class Truth:
    """What should be so of one question."""

    request: ApprovalRequest
    until: datetime
    may: set[str]
    args: dict[str, int]
    yes: set[str] = field(default_factory=set)
    level: int = 0
    over: bool = False
    allowed: dict[str, int] | None = None


def truth(asked: ApprovalRequest) -> Truth:
    return Truth(asked, asked.expires_at, {CLAIRE, TOM, DEPUTY}, asked.arguments)


def _may(was: Truth, said: Decision) -> bool:
    who = NAMES.get(said.by, said.by)
    if said.channel in {"standing", "policy"} or (was.request.requester and who == CLAIRE):
        return False
    return said.channel in {"cli", "operator"} or who in was.may


def _fits(was: Truth, said: Decision) -> bool:
    if said.arguments_hash and said.arguments_hash != arguments_hash(was.args):
        return False
    if said.verdict is Verdict.APPROVE:
        return said.arguments is None and NAMES.get(said.by, said.by) not in was.yes
    return said.verdict is Verdict.REJECT or (said.verdict is Verdict.EDIT and bool(said.arguments))


class Run(RuleBasedStateMachine):
    """One run at its desk. `done`: what was really done, by question and arguments, as the effects journal has it."""

    @initialize(
        questions=st.lists(
            st.fixed_dictionaries(
                {
                    "arguments": st.sampled_from(ASKED),
                    "quorum": st.sampled_from([1, 2, 2]),
                    "at_expiry": st.sampled_from(["reject", "escalate", "default"]),
                    "requester": st.sampled_from(["", "", "claire@example.com"]),
                }
            ),
            min_size=len(IDS),
            max_size=len(IDS),
        )
    )
    def asks(self, questions):
        self.now = NOON
        self.desk = Desk(policy=POLICY)
        self.truths: dict[str, Truth] = {}
        self.on_record: dict[str, str] = {}
        self.waiting: set[str] = set()
        self.done: list[tuple[str, dict[str, int]]] = []
        for name, told in zip(IDS, questions, strict=True):
            until = term(POLICY, POLICY.approvers, self.now)
            told["arguments_hash"] = arguments_hash(told["arguments"])
            asked = request(name, **told, approvers=POLICY.approvers, asked_at=self.now, expires_at=until)
            self.truths[name] = truth(asked)
            self._ask(asked)

    def _ask(self, asked: ApprovalRequest) -> None:
        self.desk.ask(asked)
        self.waiting.add(asked.id)
        self._record(asked.id)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def goes_on(self, data):
        """The run looks at what it waits for, and does what was approved: once, by the journal."""
        name = data.draw(st.sampled_from(sorted(self.waiting)))
        if not self.desk.settled(name):
            return
        self.waiting.remove(name)
        self._record(name)
        record = self.desk.records[name]
        if record.status == "approved" and record.approved_arguments is not None:
            deed = (name, record.approved_arguments)
            if deed not in self.done:
                self.done.append(deed)

    @rule()
    def continues_as_new(self):
        """The desk goes over as JSON, as any history's does."""
        carried = RunState(
            kit=Kit(prompts={}), started_at=NOON, used=Used(), approvals=tuple(self.desk.records.values())
        )
        back = RunState.model_validate_json(carried.model_dump_json(exclude_defaults=True))
        self.desk = Desk({record.request.id: record for record in back.approvals}, POLICY)

    @rule()
    def is_tried_again(self):
        """A new attempt asks all its questions again: one that a person answered holds, any other begins anew."""
        self.desk, self.waiting = Desk(policy=POLICY), set()
        for name, was in self.truths.items():
            earlier = ApprovalRecord.model_validate_json(self.on_record[name])
            if earlier.decision:
                self.desk.records[name] = earlier
                self.waiting.add(name)
                continue
            asked = was.request.model_copy(
                update={"asked_at": self.now, "expires_at": term(POLICY, POLICY.approvers, self.now)}
            )
            self.truths[name] = truth(asked)
            self._ask(asked)

    # -- time --

    @rule(hours=st.sampled_from([1, 3, 7, 8, 9, 30]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule(name=st.sampled_from(IDS), by=st.sampled_from([CLAIRE, TOM]))
    def somebody_is_an_instant_late(self, name, by):
        """At the very moment when the term is over, before its timer is served."""
        self.now = max(self.now, self.truths[name].until)
        self.an_approver_says_yes(name, by)

    @rule(name=st.sampled_from(IDS))
    def nobody_comes(self, name):
        """Until the term of a question is over."""
        self.now = max(self.now, self.truths[name].until)
        self.timers_fire()

    @rule()
    def timers_fire(self):
        """Of every question whose term is over."""
        for asked in self.desk.open():
            if self.now < asked.expires_at:
                continue
            was = self.truths[asked.id]
            if goes_further(POLICY, asked):
                until = term(POLICY, POLICY.escalation[0], self.now)
                self.desk.escalate(asked.id, until)
                was.level, was.until, was.may = 1, until, was.may | {HEAD}
            else:
                self.desk.lapse(asked.id, self.now)
                if not was.over and asked.at_expiry == "default" and not was.yes:
                    was.allowed = asked.arguments
                was.over = True
            self._record(asked.id)

    # -- people, and those who are none --

    @rule(
        said=st.builds(
            Decision,
            approval=st.sampled_from([*IDS, "a9"]),
            by=st.sampled_from([*NAMES, "U0NOBODY"]),
            channel=st.sampled_from(["slack", "page", "cli", "operator", "standing", "policy"]),
            verdict=st.sampled_from([Verdict.APPROVE] * 3 + [Verdict.EDIT, Verdict.REJECT, Verdict.HAPPENED]),
            arguments=st.sampled_from([None, None, *EDITS]),
            arguments_hash=st.sampled_from(["", *map(arguments_hash, (*ASKED, *EDITS)), "0" * 64]),
        )
    )
    def somebody_decides(self, said):
        expected = self._counts(said)
        receipt = self._decide(said)
        assert receipt.accepted is expected, receipt.message
        if expected:
            self._count(said)

    @rule(name=st.sampled_from(IDS), by=st.sampled_from([CLAIRE, "claire@example.com", TOM, DEPUTY]))
    def an_approver_says_yes(self, name, by):
        """Else good decisions would be rare among the others."""
        self.somebody_decides(Decision(approval=name, verdict=Verdict.APPROVE, by=by, channel="slack"))

    @rule(name=st.sampled_from(IDS), by=st.sampled_from([TOM, HEAD]), arguments=st.sampled_from(EDITS))
    def an_approver_edits(self, name, by, arguments):
        """Those who said yes before said it to something else."""
        self.somebody_decides(
            Decision(approval=name, verdict=Verdict.EDIT, by=by, channel="slack", arguments=arguments)
        )

    def _decide(self, said: Decision) -> DecisionReceipt:
        before = self.desk.records.get(said.approval)
        receipt = self.desk.decide(said, self.now)
        if not receipt.accepted:
            assert self.desk.records.get(said.approval) == before
        return receipt

    def _counts(self, said: Decision) -> bool:
        was = self.truths.get(said.approval)
        return was is not None and self._is_in_time(was) and _may(was, said) and _fits(was, said)

    def _is_in_time(self, was: Truth) -> bool:
        escalates = was.request.at_expiry == "escalate" and was.level == 0
        return not was.over and (self.now < was.until or escalates)

    def _count(self, said: Decision) -> None:
        was, who = self.truths[said.approval], NAMES.get(said.by, said.by)
        if said.verdict is Verdict.REJECT:
            was.over = True
            return
        if said.verdict is Verdict.EDIT:
            was.args, was.yes = dict(said.arguments or {}), set()
        was.yes.add(who)
        if len(was.yes) >= was.request.quorum:
            was.over, was.allowed = True, was.args

    def _record(self, name: str) -> None:
        self.on_record[name] = self.desk.records[name].model_dump_json()

    # -- what must hold --

    @invariant()
    def nothing_runs_twice(self):
        names = [name for name, _ in self.done]
        assert len(names) == len(set(names))

    @invariant()
    def nothing_runs_that_nobody_allowed(self):
        for name, arguments in self.done:
            assert self.truths[name].allowed == arguments

    @invariant()
    def what_is_settled_is_settled(self):
        for name, record in self.desk.records.items():
            assert (record.status != "pending") is self.truths[name].over
            assert (record.status == "approved") is (self.truths[name].allowed is not None)

    @invariant()
    def so_many_people_agreed(self):
        for record in self.desk.records.values():
            if record.status == "approved" and record.decision.channel != "policy":
                people = {NAMES.get(vote.decision.by, vote.decision.by) for vote in record.votes}
                assert len(people) == record.request.quorum
                assert all(vote.at >= record.request.asked_at for vote in record.votes)


TestRun = Run.TestCase
TestRun.settings = settings(max_examples=500, stateful_step_count=25, deadline=None)

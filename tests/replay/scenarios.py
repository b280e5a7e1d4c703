"""What is recorded: a few lives of a deal that between them go through every step of the sales agent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contracts.approvals import Decision, Verdict
from contracts.calls import ModelReply
from tests.fakes import says, uses

ACT = says('{"verdict": "act", "reason": "the client wrote", "urgency": "high"}')
SKIP = says('{"verdict": "skip", "reason": "a label was edited", "urgency": "low"}')
REPORT = says(
    json.dumps({"headline": "Answered", "what_happened": "A mail came.", "what_i_did": ["a note"], "next_step": "wait"})
)
LEARNT = says('{"facts": [{"subject": "decision maker", "fact": "Julien decides", "confidence": 1}]}')
NOTHING_LEARNT = says('{"facts": []}')
MAIL = {"deal_id": 42, "to": "j@batisseurs.example", "subject": "Devis", "body": "Bonjour"}
NOTE = ("crm__add_note", {"deal_id": 42, "content": "Wants a date"})
NEXT_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
FOLLOW_UP = ("farm__set_follow_up", {"date": NEXT_MONTH, "reason": "no answer yet"})


@dataclass(frozen=True)
class Scenario:
    """`script`: role -> what the model says. `verdict`: what a person says to the one question, if there is one."""

    script: Mapping[str, list[ModelReply]]
    verdict: Verdict | None = None
    by_update: bool = False
    slow: Mapping[str, float] = field(default_factory=dict)
    """Tool -> seconds that it takes."""

    continued: bool = False
    """Whether the deal's history is continued as new after the run."""

    batched: bool = False
    """Whether what is learnt comes by batch."""

    urgent: bool = False
    """Whether the last news is that the deal is lost, which doesn't wait for quiet."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Whose histories are recorded."""
        return ("deal", "run", "later", "collector") if self.batched else ("deal", "run")

    def decision(self, approval: str) -> Decision:
        edited = {**MAIL, "body": "Bonjour Julien"} if self.verdict is Verdict.EDIT else None
        verdict = self.verdict or Verdict.REJECT
        return Decision(approval=approval, verdict=verdict, by="U0CLAIRE", channel="slack", arguments=edited)


SCENARIOS = {
    "skipped": Scenario({"triage": [SKIP]}, continued=True),
    "approved": Scenario(
        {
            "triage": [ACT],
            "orchestrator": [
                uses(NOTE, FOLLOW_UP, ("farm__load_skill", {"name": "follow-up-mail"})),
                uses(("crm__send_mail", MAIL), ("crm__search_notes", {"deal_id": 42})),
                REPORT,
            ],
            "insight": [LEARNT],
        },
        verdict=Verdict.APPROVE,
        by_update=True,
    ),
    "edited": Scenario(
        {"triage": [ACT], "orchestrator": [uses(("crm__send_mail", MAIL)), REPORT], "insight": [NOTHING_LEARNT]},
        verdict=Verdict.EDIT,
        by_update=True,
    ),
    "rejected": Scenario(
        {
            "triage": [says("no json"), ACT],
            "orchestrator": [uses(("crm__send_mail", MAIL)), REPORT],
            "insight": [NOTHING_LEARNT],
        },
        verdict=Verdict.REJECT,
        continued=True,
    ),
    "slow": Scenario(
        {"triage": [ACT], "orchestrator": [REPORT], "insight": [NOTHING_LEARNT]},
        slow={"memory__recall": 1.5},  # quick by its own word, so it is tried again as a regular activity
    ),
    "batched": Scenario({"triage": [ACT], "orchestrator": [REPORT], "insight": [LEARNT]}, batched=True),
    "lost": Scenario({"triage": [SKIP]}, urgent=True),
}

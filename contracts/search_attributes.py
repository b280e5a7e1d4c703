"""What the Temporal UI can filter runs by. The stack registers them; a workflow only sets values."""

from temporalio.common import SearchAttributeKey

AGENT_NAME = SearchAttributeKey.for_keyword("AgentName")
ENTITY_ID = SearchAttributeKey.for_keyword("EntityId")
RUN_PHASE = SearchAttributeKey.for_keyword("RunPhase")
WAITING_FOR = SearchAttributeKey.for_keyword("WaitingFor")
COST_USD = SearchAttributeKey.for_float("CostUsd")
TAINTED = SearchAttributeKey.for_bool("Tainted")

LONGEST_KEYWORD = 255
"""Characters of a keyword's value, in a visibility store on SQL. A server refuses 2 KB, and fails the workflow."""

ALL = (AGENT_NAME, ENTITY_ID, RUN_PHASE, WAITING_FOR, COST_USD, TAINTED)

"""For a request that no rule knows: an honest echo, or the smallest document that fits the schema asked for."""

from sandbox.model.answer import Answer
from sandbox.model.conversation import Conversation
from sandbox.model.rules.schema import smallest

ECHOED = 200


def fallback(conversation: Conversation) -> Answer:
    """Says what it is and what it read."""
    if conversation.wanted:
        document = smallest(conversation.wanted.schema)
        return Answer(document=document, reasoning="no rule for this schema: the smallest document that fits")
    said = " ".join(conversation.last_said.split())
    heard = said[:ECHOED] + ("…" if len(said) > ECHOED else "")
    results = [exchange.result.text for exchange in conversation.exchanges]
    told = f' The last tool said: "{results[-1][:ECHOED]}".' if results else ""
    shown = f" You attached: {', '.join(conversation.attachments)}." if conversation.attachments else ""
    text = f'Rules, not a language model. You said: "{heard}".{shown}{told}'
    return Answer(text=text, reasoning="no rule for this request: an echo")

"""What happens in a drill: deals of its own, and on each a few rounds of one client's mail and one colleague's note.

Each round makes one run with everything in it: triage, reads, three writes in one turn, a question about a mail, a
report, something to remember. So what must stand in the CRM and in Slack afterwards can be counted without the farm.
"""

from contracts.agents import Debounce
from ops.demo.scenario import AGENT, INES, NEGOTIATION, Doing

ROUNDS = 2
"""Runs of a deal: between them its workflow continues as new."""

QUICK = Debounce.model_validate({"quiet": 1.0, "longest": 10.0, "most": 100})
FIRST_QUANTITY = 64
CLAIRE_ID = 11
PEOPLE = 16
"""Of the CRM's seed: the drill's deals belong to them in turn."""


def deal(number: int) -> Doing:
    """A deal of the drill's own, made by the agent's own user: its making is no news to anyone."""
    fields = {
        "title": f"Drill {number:03} - {FIRST_QUANTITY} radiateurs",
        "person_id": number % PEOPLE + 1,
        "owner_id": CLAIRE_ID,  # through whose mailbox the client's mail comes: not the agent's
        "stage_id": NEGOTIATION,
        "value": 20_000 + number,
    }
    return Doing("a deal", "POST", "/api/v2/deals", fields, AGENT)


def mail(deal: int, round_: int) -> Doing:
    """The client wants more, and an offer: a note, a task, a new title and a mail come of it."""
    body = (
        f"Bonjour,\n\nLe programme évolue : nous passons à {FIRST_QUANTITY + round_} radiateurs.\n"
        "Pouvez-vous me renvoyer un devis à jour ?\n\nCordialement"
    )
    letter = {"deal_id": deal, "subject": f"Devis, tranche {round_}", "body": body}
    return Doing("the client writes", "POST", "/sandbox/mail-in", letter, deal=deal)


def note(deal: int) -> Doing:
    """Nothing to act on; should it miss its round's window, triage stops the run that it makes."""
    fields = {"deal_id": deal, "content": "Bien reçu, merci."}
    return Doing("a colleague notes", "POST", "/v1/notes", fields, INES, deal)

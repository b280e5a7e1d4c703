"""What happens in the demo: who does what in the CRM, through its API, in a few seconds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

DEAL = 42
ENTITY = f"deal:{DEAL}"

CLAIRE, TOM, INES = "sandbox-token-claire", "sandbox-token-tom", "sandbox-token-ines"
AGENT = "sandbox-agent-token"

# Ids of the sandbox's seed
NEGOTIATION = 4
HOT, KEY_ACCOUNT, WAITING = 1, 4, 6


@dataclass(frozen=True)
class Doing:
    """One request to the CRM. Without a token it is the sandbox's own: the world, not a colleague."""

    what: str
    method: str
    path: str
    body: dict[str, Any]
    token: str = ""
    deal: int = DEAL


def burst(today: date) -> Iterator[Doing]:
    """A dozen changes of one deal, within seconds: the client wants more and asks, the team reacts."""
    yield Doing("the client writes", "POST", "/sandbox/mail-in", {"deal_id": DEAL, **CLIENT_MAIL})
    yield _note(DEAL, "Julien m'a appelée : il passe à 72 appareils et veut un devis à jour avant jeudi.", CLAIRE)
    yield _deal("Claire moves the stage", {"stage_id": NEGOTIATION}, CLAIRE)
    yield _deal("Claire raises the value", {"value": 54_700}, CLAIRE)
    yield _deal("Claire labels it hot", {"label_ids": [HOT]}, CLAIRE)
    yield _deal("Claire adds a label", {"label_ids": [HOT, KEY_ACCOUNT]}, CLAIRE)
    yield _deal("Tom moves the closing date", {"expected_close_date": str(today + timedelta(days=21))}, TOM)
    yield _note(DEAL, "Stock Lyon vérifié : 72 Sérac 1500 W disponibles, livraison possible sous trois semaines.", TOM)
    yield _activity("Préparer le devis pour 72 radiateurs", today + timedelta(days=2), CLAIRE)
    yield _deal("Tom sets the probability", {"probability": 80}, TOM)
    yield _activity("Appeler Julien Moreau sur le planning de pose", today + timedelta(days=4), TOM)
    yield _note(DEAL, "Chantier : gaines prêtes au premier étage, pose possible dès réception.", INES)


CLIENT_MAIL = {
    "subject": "Re: Devis D-2231 - Résidence Les Tilleuls",
    "body": (
        "Bonjour Claire,\n\nLe programme évolue : nous passons à 72 radiateurs au lieu de 64 (une cage d'escalier de"
        " plus).\nPouvez-vous me renvoyer un devis à jour avant jeudi, et me confirmer le délai de livraison ?\nPour le"
        " prix, nous comptons sur un geste vu la quantité.\n\nCordialement,\nJulien Moreau\nBâtisseurs du Rhône"
    ),
}


def noise() -> Iterator[Doing]:
    """What happens on other deals meanwhile, none of it worth a look."""
    yield _deal("a label elsewhere", {"label_ids": [HOT, KEY_ACCOUNT, WAITING]}, INES, deal=27)
    yield _deal("an owner elsewhere", {"owner_id": 13}, TOM, deal=36)
    yield _deal("a value moved by a few euros", {"value": 37_240}, TOM, deal=31)
    yield _note(24, "Je m'en occupe, j'ai déjà rappelé le client.", INES)


def echo() -> Iterator[Doing]:
    """A write of the agent's own: it must not answer itself."""
    yield _note(20, "Farmstead: the client's questions of this week, in short: none.", AGENT)


def _deal(what: str, fields: dict[str, Any], token: str, deal: int = DEAL) -> Doing:
    return Doing(what, "PATCH", f"/api/v2/deals/{deal}", fields, token, deal)


def _note(deal: int, content: str, token: str) -> Doing:
    return Doing("a note", "POST", "/v1/notes", {"deal_id": deal, "content": content}, token, deal)


def _activity(subject: str, due: date, token: str) -> Doing:
    fields = {"deal_id": DEAL, "subject": subject, "type": "call", "due_date": str(due)}
    return Doing("an activity", "POST", "/api/v2/activities", fields, token)

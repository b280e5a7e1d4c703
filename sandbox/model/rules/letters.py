"""The mail to the client, in the client's language: what they asked, what we propose, one question at most."""

from dataclasses import dataclass

from sandbox.model.rules.evidence import Evidence
from sandbox.model.rules.language import Language
from sandbox.model.rules.matters import Matter
from sandbox.model.rules.plan import Plan


@dataclass(frozen=True)
class Letter:
    """A mail, ready to be proposed."""

    subject: str
    body: str


PROPOSALS: dict[Language, dict[Matter, str]] = {
    "fr": {
        Matter.COMPLAINT: "Je reprends votre dossier aujourd'hui et vous appelle d'ici le {due}.",
        Matter.COMPETITOR: "Je reviens vers vous d'ici le {due} avec une comparaison point par point.",
        Matter.OBJECTION: "J'étudie ce point avec l'équipe et vous réponds d'ici le {due}.",
        Matter.ACCEPTANCE: "Je prépare la confirmation de commande et vous l'envoie d'ici le {due}.",
        Matter.QUANTITY: "Je prépare une offre mise à jour pour cette quantité d'ici le {due}.",
        Matter.QUOTE: "Je prépare notre offre et vous l'adresse d'ici le {due}.",
        Matter.DELIVERY: "Je vérifie la date avec l'atelier et vous la confirme d'ici le {due}.",
        Matter.MEETING: "Je vous appelle d'ici le {due} pour fixer un créneau.",
        Matter.QUESTION: "Je vous réponds précisément d'ici le {due}.",
        Matter.OTHER: "Où en êtes-vous de votre réflexion ? Je peux vous appeler d'ici le {due}.",
    },
    "en": {
        Matter.COMPLAINT: "I am taking this up today and will call you by {due}.",
        Matter.COMPETITOR: "I will come back to you by {due} with a point-by-point comparison.",
        Matter.OBJECTION: "I am looking at this with the team and will answer you by {due}.",
        Matter.ACCEPTANCE: "I am preparing the order confirmation and will send it by {due}.",
        Matter.QUANTITY: "I am preparing an updated offer for that quantity, by {due}.",
        Matter.QUOTE: "I am preparing our offer and will send it by {due}.",
        Matter.DELIVERY: "I am checking the date with the workshop and will confirm it by {due}.",
        Matter.MEETING: "I will call you by {due} to fix a time.",
        Matter.QUESTION: "I will give you a precise answer by {due}.",
        Matter.OTHER: "How is your thinking going? I can call you by {due}.",
    },
}


def write(evidence: Evidence, plan: Plan, *, short: bool = False) -> Letter:
    """The letter for a plan; `short` leaves out what they know already."""
    french = plan.speech == "fr"
    day = f"{plan.due:%d/%m/%Y}" if french else f"{plan.due:%d %B %Y}"
    proposals = PROPOSALS[plan.speech]
    proposal = proposals.get(plan.matter, proposals[Matter.OTHER]).format(due=day)
    parts = [
        f"Bonjour {evidence.first_name}," if french else f"Dear {evidence.first_name},",
        proposal if short else f"{_opening(evidence, plan)} {proposal}",
        _closing(evidence, french=french),
    ]
    return Letter(_subject(evidence), "\n\n".join(parts))


def _subject(evidence: Evidence) -> str:
    mail = evidence.unanswered
    if mail and mail.subject:
        return mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    return evidence.title


def _opening(evidence: Evidence, plan: Plan) -> str:
    title = evidence.title or evidence.organization
    if plan.speech == "fr":
        return (
            f"Au sujet de « {title} », vous nous écrivez : « {plan.asked} »." if plan.asked
            else f"Je reviens vers vous au sujet de « {title} »."
        )  # fmt: skip
    return f'About "{title}", you wrote: "{plan.asked}".' if plan.asked else f'I am writing about "{title}".'


def _closing(evidence: Evidence, *, french: bool) -> str:
    signature = "\n".join(part for part in (evidence.owner, "Chaleo") if part)
    return f"{'Bien cordialement,' if french else 'Kind regards,'}\n{signature}"

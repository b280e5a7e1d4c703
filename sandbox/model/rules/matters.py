"""What a text is about, by words that sales people and their clients use in French and in English.

The order is the order of importance: a text that threatens with a lawyer and asks a price is about the lawyer.
"""

import re
from enum import StrEnum


class Matter(StrEnum):
    """What somebody wants, or what kind of text it is."""

    AUTO_REPLY = "an automatic reply"
    NEWSLETTER = "a newsletter"
    LEGAL = "a legal threat"
    UNSUBSCRIBE = "a wish not to be written to"
    CANCEL = "a cancellation"
    COMPLAINT = "a complaint"
    COMPETITOR = "a competitor's offer"
    OBJECTION = "an objection to the price"
    ACCEPTANCE = "an agreement"
    QUANTITY = "a new quantity"
    QUOTE = "a request for a quote"
    DELIVERY = "a question about delivery"
    MEETING = "a request for a call or a visit"
    HANDLED = "something a colleague has dealt with"
    QUESTION = "a question"
    THANKS = "a word of thanks"
    OTHER = "something else"


_PATTERNS: tuple[tuple[Matter, str], ...] = (
    (
        Matter.AUTO_REPLY,
        r"out of (the )?office|auto(matic)?[- ]?(reply|response)|r[ée]ponse automatique|absent(e)? (du bureau|jusqu)"
        r"|en cong[ée]s? (jusqu|du)|on (annual )?leave until|je suis (actuellement )?absent|mail delivery|undeliverable"
        r"|accus[ée] de r[ée]ception automatique|currently away|de retour le|message d'absence",
    ),
    (
        Matter.NEWSLETTER,
        r"newsletter|lettre d'information|view (this email )?in (your )?browser"
        r"|voir (cet e-?mail )?dans (votre )?navigateur"
        r"|webinar|webinaire|se d[ée]sinscrire de cette liste|unsubscribe (link|here)|notre actualit[ée]",
    ),
    (
        Matter.LEGAL,
        r"mise en demeure|avocat|tribunal|contentieux|poursuites|lawyer|solicitor|legal (action|counsel|department)"
        r"|formal notice|lawsuit|breach of contract|p[ée]nalit[ée]s de retard",
    ),
    (
        Matter.UNSUBSCRIBE,
        r"ne (plus|pas) (nous |me )?(contacter|[ée]crire|relancer)|cessez de|stop (writing|contacting|mailing)"
        r"|do not contact|don't contact|remove (me|us) from|retirez[- ](moi|nous)|d[ée]sinscri",
    ),
    (
        Matter.CANCEL,
        r"annul(er|ons|e|ation)\b|cancel|abandon|ne donn(erons|ons) pas suite|not go(ing)? ahead|won't be going ahead"
        r"|projet (est )?(arr[êe]t[ée]|suspendu)|on hold|retirons notre",
    ),
    (
        Matter.COMPLAINT,
        r"inacceptable|d[ée][çc]u|m[ée]content|r[ée]clamation|unacceptable|disappoint|complain|toujours (rien|pas)"
        r"|still (no|nothing|waiting|haven't)|en panne|defective|d[ée]fectueu|fed up|ras[- ]le[- ]bol"
        r"|bravo pour (le|la|les|votre|vos) (retard|silence)|great job (losing|ignoring)",
    ),
    (
        Matter.COMPETITOR,
        r"concurren|competitor|another (supplier|offer|quote)|autre (fournisseur|offre|devis)|atlantic|thermor|netatmo"
        r"|moins[- ]disant",
    ),
    (
        Matter.OBJECTION,
        r"trop cher|too expensive|trop [ée]lev|remise|discount|rabais|over (our )?budget|d[ée]passe (notre|le) budget"
        r"|price is (too )?high|geste commercial|hors budget",
    ),
    (
        Matter.ACCEPTANCE,
        r"bon pour accord|nous (validons|acceptons)|c'est valid[ée]|go ahead|we accept|we agree|purchase order"
        r"|bon de commande|signed (copy|quote|contract)|devis sign[ée]|feu vert|on y va",
    ),
    (
        Matter.QUANTITY,
        r"(passer|passons|monter|going|go|increase|reduce|r[ée]duire|augmenter|plut[ôo]t|instead|finalement|now need"
        r"|besoin de|need)\b[^.?!\n]{0,40}?\b\d{1,4}\s+(\w+\s+)?"
        r"(radiateurs?|radiators?|heaters?|appareils?|units?|unit[ée]s)",
    ),
    (
        Matter.QUOTE,
        r"devis|quote\b|quotation|chiffrage|tarif|price list|\bprix\b|pricing|combien co[ûu]te|how much|proposition"
        r" commerciale|\boffre\b|updated offer|price per unit",
    ),
    (
        Matter.DELIVERY,
        r"d[ée]lais?\b|livrais|livrer|livr[ée]|deliver|lead time|shipping|exp[ée]di|date de pose|arrive on site",
    ),
    (
        Matter.MEETING,
        r"rendez[- ]vous|\brdv\b|visite|rappel(er|ez)|call me|give (me|us) a (call|ring)|a call\b|meeting"
        r"|visio|site visit|se voir|disponible (lundi|mardi|mercredi|jeudi|vendredi)",
    ),
    (
        Matter.HANDLED,
        r"je m'en (occupe|charge)|j'ai (d[ée]j[àa] )?(r[ée]pondu|rappel[ée]|envoy[ée]|appel[ée])|c'est r[ée]gl[ée]"
        r"|i('ll| will) (handle|take care)|i('ve| have) (already )?(answered|replied|called|sent)|already (done|dealt)"
        r"|d[ée]j[àa] (fait|trait[ée]|r[ée]pondu)|on it\b|for the record|pour m[ée]moire|rien [àa] faire|nothing to do",
    ),
    (Matter.QUESTION, r"\?|pouvez[- ]vous|could you|can you|savoir si|wondering|let (me|us) know|merci de (me|nous)"),
    (Matter.THANKS, r"\bmerci\b|\bthanks?\b|thank you|bien re[çc]u|well received"),
)
MATTERS = tuple((matter, re.compile(pattern, re.IGNORECASE)) for matter, pattern in _PATTERNS)


def matter_of(text: str) -> Matter:
    """The first matter in order of importance whose words stand in the text."""
    plain = text.replace("’", "'")
    return next((matter for matter, pattern in MATTERS if pattern.search(plain)), Matter.OTHER)

"""What a text is about, and in which language."""

import pytest

from sandbox.model.rules.language import language
from sandbox.model.rules.matters import Matter, matter_of


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("Réponse automatique : pouvez-vous rappeler le 3 ?", Matter.AUTO_REPLY),
        ("Our lawyer wants a quote", Matter.LEGAL),
        ("Bravo pour le retard, vraiment", Matter.COMPLAINT),
        ("Nous passons finalement à 72 radiateurs", Matter.QUANTITY),
        ("Quel est votre délai de livraison ?", Matter.DELIVERY),
        ("Bien reçu, merci.", Matter.THANKS),
        ("Il pleut", Matter.OTHER),
    ],
)
def test_the_most_important_matter_wins(text, matter):
    """A text is about the weightiest thing in it."""
    assert matter_of(text) is matter


@pytest.mark.parametrize(
    ("text", "speech"),
    [("Bonjour, nous avons bien reçu votre offre", "fr"), ("Thank you for the offer", "en"), ("64", "en")],
)
def test_language_by_small_words(text, speech):
    """French and English are told apart; a text without words is English."""
    assert language(text) == speech

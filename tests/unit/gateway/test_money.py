import pytest

from gateway.prices.money import DOLLAR, dollars, picodollars, told


def test_an_amount_survives_the_way_there_and_back() -> None:
    """A cached token's price, too."""
    assert dollars(picodollars(0.00000008)) == 0.00000008
    assert picodollars(0.1) * 3 == picodollars(0.3)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "$0.00"),
        (5 * DOLLAR, "$5.00"),
        (1_234_567 * DOLLAR // 100, "$12,345.67"),
        (DOLLAR // 100, "$0.01"),
        (123 * DOLLAR // 10_000, "$0.0123"),
        (DOLLAR + DOLLAR // 1000, "$1.00"),
    ],
)
def test_an_amount_is_told_to_what_matters(amount: int, words: str) -> None:
    """Cents; below a dollar four digits, where cents would hide something."""
    assert told(amount) == words

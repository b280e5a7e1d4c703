from datetime import date

import pytest

from contracts.prices import Rates
from gateway.prices.price_list import OWN, PriceList, as_table_entry, own_prices

TABLE = {
    "claude-x": {
        "input_cost_per_token": 3e-6,
        "output_cost_per_token": 15e-6,
        "cache_read_input_token_cost": 0.3e-6,
        "cache_creation_input_token_cost": 3.75e-6,
        "cache_creation_input_token_cost_above_1hr": 6e-6,
        "input_cost_per_token_batches": 1.5e-6,
        "input_cost_per_token_above_200k_tokens": 6e-6,
        "output_cost_per_token_above_200k_tokens": 22.5e-6,
        "input_cost_per_token_above_1000k_tokens": 9e-6,
    },
    "plain": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
    "dall-e": {"input_cost_per_pixel": 1e-8},
}
OURS = """
[[price]]
model = "claude-x"
from = 2026-12-01
input = 2
output = 10
batch = 0.4
source = "our contract"

[[price]]
model = "claude-x"
from = 2027-01-01
input = 1
output = 5
"""
LIST = PriceList(own_prices(OURS), TABLE, "litellm 9")
BEFORE, AFTER, LATER = date(2026, 11, 30), date(2026, 12, 1), date(2027, 2, 1)


def rates(model: str, day: date = BEFORE, prompt_tokens: int = 0, prices: PriceList = LIST) -> Rates:
    return Rates.model_validate(prices.rates(model, day, prompt_tokens))


def test_the_table_says_what_a_model_costs() -> None:
    """With or without its vendor's name before it."""
    found = rates("anthropic/claude-x")
    assert (found.model, found.input, found.output, found.batch) == ("claude-x", 3e-6, 15e-6, 0.5)
    assert (found.cache_read, found.cache_write, found.cache_write_1h) == (0.3e-6, 3.75e-6, 6e-6)
    assert found.version.startswith("litellm 9 #")


def test_our_own_price_stands_over_the_table_from_its_date_on() -> None:
    """And the latest that has begun over the ones before."""
    found = [rates("claude-x", day) for day in (BEFORE, AFTER, LATER)]
    assert [each.input for each in found] == pytest.approx([3e-6, 2e-6, 1e-6])
    assert [each.version.partition(" #")[0] for each in found] == [
        "litellm 9",
        "prices.toml 2026-12-01",
        "prices.toml 2027-01-01",
    ]


def test_what_our_own_price_leaves_out_has_no_discount() -> None:
    """The cache costs what input does, and a batch the whole."""
    found = rates("claude-x", LATER)
    assert {found.cache_read, found.cache_write, found.cache_write_1h} == {found.input}
    assert found.batch == 1


def test_a_long_prompt_may_cost_more() -> None:
    """By the highest step that it passes, and only above it; what the step leaves out stays."""
    at, above, far = (rates("claude-x", prompt_tokens=tokens) for tokens in (200_000, 200_001, 2_000_000))
    assert at == rates("claude-x")
    assert (above.input, above.output, above.cache_read) == (6e-6, 22.5e-6, 0.3e-6)
    assert (far.input, far.output) == (9e-6, 22.5e-6)
    assert len({at.version, above.version, far.version}) == 3


def test_a_model_that_nobody_prices_has_no_price() -> None:
    """Not zero: neither an unknown one nor one that isn't sold by the token."""
    assert [LIST.rates(model, BEFORE) for model in ("who", "dall-e")] == [None, None]


def test_a_version_names_what_it_says() -> None:
    """The same name over other figures, or another model's, is another version."""
    changed = PriceList((), {**TABLE, "plain": {**TABLE["plain"], "output_cost_per_token": 3e-6}}, "litellm 9")
    assert rates("plain").version != rates("plain", prices=changed).version
    assert rates("claude-x").version == rates("claude-x", prices=changed).version


@pytest.mark.parametrize(
    ("line", "says"), [("inptu = 3", "unknown inptu"), ("input = 3", "output missing")], ids=["misspelt", "left out"]
)
def test_a_price_that_cannot_be_meant_is_refused(line: str, says: str) -> None:
    """With its model and date, so that it is found in the file."""
    with pytest.raises(ValueError, match=f"price of m from 2026-12-01: {says}"):
        own_prices(f'[[price]]\nmodel = "m"\nfrom = 2026-12-01\n{line}')


def test_our_own_price_is_said_to_litellm_in_its_own_words() -> None:
    """What the proxy counts for itself agrees with what it tells us."""
    price = own_prices(OURS)[0]
    again = PriceList((), {"claude-x": as_table_entry(price)}, "litellm 9")
    ours, theirs = (rates("claude-x", AFTER, prices=each).model_dump(exclude={"version"}) for each in (LIST, again))
    assert ours == pytest.approx(theirs)


def test_the_file_that_is_shipped_can_be_read() -> None:
    """Prices that are in force for everybody would be surprising: it has none."""
    assert own_prices(OWN.read_text(encoding="utf-8")) == ()

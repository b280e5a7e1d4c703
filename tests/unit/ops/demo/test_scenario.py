"""What the demo does in the CRM."""

from datetime import date

from ops.demo import scenario

TODAY = date(2026, 11, 23)


def test_burst_is_a_dozen_changes_of_one_deal() -> None:
    """Twelve changes, all of deal 42."""
    burst = list(scenario.burst(TODAY))
    assert len(burst) == 12
    assert {doing.deal for doing in burst} == {scenario.DEAL}


def test_burst_has_what_people_do() -> None:
    """Client mail, stage change, value change, two label edits."""
    fields = [field for doing in scenario.burst(TODAY) for field in doing.body]
    assert {"subject", "stage_id", "value"} <= set(fields)
    assert fields.count("label_ids") == 2


def test_noise_is_elsewhere() -> None:
    """No noise falls on the burst's deal, and each on a deal of its own."""
    deals = [doing.deal for doing in (*scenario.noise(), *scenario.echo())]
    assert scenario.DEAL not in deals
    assert len(set(deals)) == len(deals)


def test_agent_writes_only_the_echo() -> None:
    """The agent's token is used for the echo alone."""
    assert scenario.AGENT not in {doing.token for doing in (*scenario.burst(TODAY), *scenario.noise())}
    assert {doing.token for doing in scenario.echo()} == {scenario.AGENT}

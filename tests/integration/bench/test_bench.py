"""Each benchmark at a tiny size, so that none rots. What they measure is for an idle machine to say."""

import json
import os
import subprocess
import sys

import pytest

from tests.bench.approvals import ApprovalsRow
from tests.bench.cost import CostRow
from tests.bench.entities import EntitiesRow
from tests.bench.gateway import BARE, DIRECT, FARMSTEAD, GatewayRow
from tests.bench.history import HistoryRow
from tests.bench.intake import IntakeRow
from tests.bench.recovery import MOMENTS, RecoveryRow
from tests.bench.sleepers import SleepersRow
from tests.bench.storm import StormRow
from tests.bench.throughput import MODES, ThroughputRow
from tests.integration.processes import ROOT

OFFSET = "21000"

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.timeout(300)]


def rows(tmp_path, name):
    """What `./farm bench <name>` says of Farmstead alone. Its exit code 1, a limit not kept, is not our matter here."""
    argv = [sys.executable, "-m", "ops", "bench", name, "--quick", "--json", "--port-offset", OFFSET]
    env = {**os.environ, "FARM_HOME": str(tmp_path)}
    ended = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    assert ended.stdout, ended.stderr
    return json.loads(ended.stdout)["rows"]


def test_history_is_counted(tmp_path):
    """Longer runs keep more, by the server's own count, and every row has the fields that were promised."""
    short, longer = rows(tmp_path, "history")
    assert set(short) == set(HistoryRow.__annotations__)
    assert (short["outcome"], longer["outcome"]) == ("completed", "completed")
    assert 0 < short["history_bytes"] < longer["history_bytes"]
    assert 0 < short["events"] < longer["events"]


def test_throughput_is_timed_in_every_mode(tmp_path):
    """A function, a write, MCP in memory and over HTTP, traced: all runs end, and all took time."""
    found = rows(tmp_path, "throughput")
    assert set(found[0]) == set(ThroughputRow.__annotations__)
    assert {row["mode"] for row in found} == {"plain", *MODES}
    assert all(row["outcome"] == "completed" and row["p50_ms"] > 0 for row in found)


def test_sleepers_are_woken(tmp_path):
    """Each is asleep once, and done after its signal."""
    (row,) = rows(tmp_path, "sleepers")
    assert set(row) == set(SleepersRow.__annotations__)
    assert (row["runs"], row["outcome"]) == (10, "completed")


def test_recovery_is_timed_at_every_moment(tmp_path):
    """A worker is killed in a call and between two; its runs go on."""
    found = rows(tmp_path, "recovery")
    assert set(found[0]) == set(RecoveryRow.__annotations__)
    assert [row["killed_in"] for row in found] == list(MOMENTS)
    assert all(row["outcome"] == "completed" and row["runs_hit"] for row in found)


def test_every_webhook_reaches_one_run(tmp_path):
    """Bursts with some sent twice and some that are garbage: what was accepted is in exactly one run."""
    (row,) = rows(tmp_path, "intake")
    assert set(row) == set(IntakeRow.__annotations__)
    assert row["sent"] > row["accepted"] == row["delivered"] > 200
    assert (row["lost"], row["twice"]) == (0, 0)
    assert row["duplicates"] > 0
    assert row["refused"] > 0


def test_every_question_is_decided_once(tmp_path):
    """Forged and stale clicks among the good ones: what was approved by who may is done once, and nothing else."""
    (row,) = rows(tmp_path, "approvals")
    assert set(row) == set(ApprovalsRow.__annotations__)
    assert row["pending"] == row["decided"] == row["executed"] == 40
    assert (row["duplicates"], row["too_early"]) == (0, 0)
    assert row["forged"] >= 7
    assert row["refused_forged"] == row["forged"]


def test_an_event_is_priced(tmp_path):
    """As the issue counts it: naive to the tenth of a cent; caching saves the header's share, a batch half of the
    insight's, and the header's lifetime is the better one of the two where events are minutes apart.
    """
    found = {row["shape"]: row for row in rows(tmp_path, "cost")}
    headline = found["as the issue says, a minute apart"]
    assert set(headline) == set(CostRow.__annotations__)
    assert headline["naive_processed_usd"] == pytest.approx(0.1005, abs=1e-6)
    assert headline["naive_skipped_usd"] == headline["skipped_usd"] == pytest.approx(0.0015, abs=1e-6)
    assert 0.011 < headline["savings"]["caching"] < 0.0135
    assert headline["savings"]["batch"] == pytest.approx(0.0165, abs=1e-6)
    assert headline["batched_calls"] == 15
    short = found["ten minutes apart, kept for five minutes"]["savings"]["caching"]
    assert short < 0 < found["ten minutes apart"]["savings"]["caching"]
    assert found["orchestrator in 4 turns with a tool"]["savings"]["caching"] > 2 * headline["savings"]["caching"]
    assert all(row["recounted"] for row in found.values())


def test_entities_sleep_and_wake(tmp_path):
    """More than the worker keeps, and each that is called off says so."""
    (row,) = rows(tmp_path, "entities")
    assert set(row) == set(EntitiesRow.__annotations__)
    assert row["entities"] == row["woken"] == 20
    assert row["cached"] < row["entities"]


def test_a_storm_is_weathered(tmp_path):
    """A vendor that takes few: all runs end, each call is paid once, and neither agent waits for the other."""
    (row,) = rows(tmp_path, "storm")
    assert set(row) == set(StormRow.__annotations__)
    assert row["runs"] == row["finished"] == 32
    assert row["calls"] == row["answered"] == 32


def test_calls_go_by_the_gateway_and_without_it(tmp_path):
    """Each way is asked in the same run, and the gateway's process did something for it."""
    found = rows(tmp_path, "gateway")
    assert [row["system"] for row in found] == [DIRECT, BARE, FARMSTEAD] * 2
    assert all(set(row) == set(GatewayRow.__annotations__) for row in found)
    assert all(row["added_ms"] > 0 and row["cpu_ms"] > 1 for row in found if row["system"] == FARMSTEAD)

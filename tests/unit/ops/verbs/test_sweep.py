"""`./farm sweep` and `./farm keep`."""

import json
from datetime import UTC, datetime, timedelta

from ops.errors import FarmError
from store.database import Database
from store.runs import Runs
from tests.unit.ops.verbs.conftest import Records
from tests.unit.store.samples import run_record

RUNS = tuple(f"sales:deal:42/run-{number}" for number in (1, 2, 3))


async def old_runs(db: Database) -> None:
    for run in RUNS:
        await Runs(db).record(run_record(run, status="done", at=datetime.now(UTC) - timedelta(days=100)))


async def names(db: Database) -> list[str]:
    return list(await Runs(db).all())


def test_without_an_age_no_run_goes(on_record: Records) -> None:
    """Old runs are removed only when that is asked for."""
    on_record.do(old_runs)
    assert on_record.farm("sweep").exit_code == 0
    assert on_record.do(names) == list(RUNS)


def test_a_kept_run_outlives_the_sweep(on_record: Records) -> None:
    """Of three old runs of a deal one is kept by name, the newest by rule, and one goes."""
    on_record.do(old_runs)
    assert f"evals  {RUNS[0]}" in on_record.farm("keep", RUNS[0], "--as", "evals").stdout
    said = json.loads(on_record.farm("sweep", "--older-than", "90d", "--dry-run", "--json").stdout)
    assert (said["dry_run"], said["runs"], said["kept_runs"]) == (True, [RUNS[1]], 2)
    told = on_record.farm("sweep", "--older-than", "90d").stdout
    assert "1 runs older than 90d removed." in told
    assert on_record.do(names) == [RUNS[0], RUNS[2]]


def test_a_run_can_be_let_go(on_record: Records) -> None:
    """Then it is as any other."""
    on_record.do(old_runs)
    on_record.farm("keep", RUNS[0])
    assert on_record.farm("keep", RUNS[0], "--let-go").stdout == "Nothing is kept.\n"
    assert isinstance(on_record.farm("keep", RUNS[0], "--let-go").exception, FarmError)


def test_an_age_that_is_none_is_refused(on_record: Records) -> None:
    """In words, before anything is removed."""
    assert "is no span of time: write 90d" in str(on_record.farm("sweep", "--older-than", "90").exception)

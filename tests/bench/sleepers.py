"""`./farm bench sleepers`: what a run costs that waits for a person, and how fast all of them are served."""

from dataclasses import asdict, dataclass

from ops.places import farm_python
from tests.bench.contenders import FARMSTEAD, job, run
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

RUNS = 2000
QUICK = 10
MODULE = "tests.bench.sleeping"
NOTES = (
    "rss: of the one worker's process, which starts and signals the runs as well. served_s: from the first signal to "
    "the last run's end. The worker keeps FARM_CACHED_WORKFLOWS (500) runs in memory; the others are replayed when "
    "they wake.",
)


@dataclass(frozen=True)
class SleepersRow:
    system: str
    runs: int
    asleep_s: float
    """From the first start until the last run waits."""

    rss_kb_per_run: float
    rss_mb: float
    """When all are asleep."""

    served_s: float
    runs_per_s: float
    outcome: str


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    runs = QUICK if quick else RUNS
    asked = job(stand, FARMSTEAD, turns=1, runs=runs, mode="sleepers")
    slept = await run(FARMSTEAD.name, (str(farm_python()), "-m", MODULE), asked)
    row = SleepersRow(
        system=FARMSTEAD.name,
        runs=runs,
        asleep_s=slept["asleep_s"],
        rss_kb_per_run=(slept["rss_asleep"] - slept["rss_before"]) / 1024 / runs,
        rss_mb=slept["rss_asleep"] / 1024**2,
        served_s=slept["served_s"],
        runs_per_s=runs / slept["served_s"],
        outcome="completed",
    )
    served = Verdict(row.outcome == "completed", f"all {runs} runs were served after one signal each")
    return Report("Runs that wait for a person", [asdict(row)], [served], NOTES)

"""`./farm bench entities`: what an entity that sleeps until a date costs a worker, in its cache and beyond it."""

from dataclasses import asdict, dataclass

from ops.places import farm_python
from tests.bench.contenders import FARMSTEAD, job, run
from tests.bench.report import Report, Verdict
from tests.bench.stand import Stand

ENTITIES = 3000
QUICK = 20
MODULE = "tests.bench.sleeping_entities"
MOST_SHARE = 0.05
"""Of a cached entity's memory, that one beyond the cache may cost: what an allocator doesn't give back."""

NOTES = (
    "rss: of the one worker's process, which starts the entities as well. kb_per_cached: from none to `half` asleep, "
    "many times what the cache holds; kb_per_beyond: from there to all. woken: called off afterwards, and said so.",
)


@dataclass(frozen=True)
class EntitiesRow:
    system: str
    entities: int
    cached: int
    rss_before_mb: float
    half: int
    rss_half_mb: float
    rss_asleep_mb: float
    kb_per_cached: float
    kb_per_beyond: float
    woken: int


async def report(stand: Stand, *, peers: bool = False, quick: bool = False, long: bool = False) -> Report:
    entities = QUICK if quick else ENTITIES
    asked = job(stand, FARMSTEAD, turns=0, runs=entities, mode="entities")
    slept = await run(FARMSTEAD.name, (str(farm_python()), "-m", MODULE), asked)
    before, half, asleep = (slept[name] / 1024**2 for name in ("rss_before", "rss_half", "rss_asleep"))
    row = EntitiesRow(
        system=FARMSTEAD.name,
        entities=entities,
        cached=slept["cached"],
        rss_before_mb=before,
        half=slept["half"],
        rss_half_mb=half,
        rss_asleep_mb=asleep,
        kb_per_cached=1024 * (half - before) / slept["cached"],
        kb_per_beyond=1024 * (asleep - half) / (entities - slept["half"]),
        woken=slept["woken"],
    )
    return Report("Entities that wait for a date", [asdict(row)], verdicts(row), NOTES)


def verdicts(row: EntitiesRow) -> list[Verdict]:
    most = MOST_SHARE * row.kb_per_cached
    return [
        Verdict(
            row.kb_per_beyond <= most,
            f"an entity beyond the cache takes {row.kb_per_beyond:.1f} KB of the worker, at most {most:.1f}",
        ),
        Verdict(row.woken > 0, f"{row.woken} of those asleep were woken"),
    ]

"""What the vendors' caches saved a run: what it paid, against the same tokens without them."""

from collections.abc import Sequence

from sqlalchemy import func, select

from contracts.calls import Usage
from store.database import Database
from store.prices import Prices
from store.tables import ModelCallRow

_COUNTS = (*Usage.model_fields, "cache_write_1h_tokens")


async def saved_by_caches(db: Database, run: str) -> float:
    """US dollars, of the run's calls and its sub-agents' whose price is on record. Negative where more was written than
    was read.
    """
    row = ModelCallRow
    its_own = (row.run == run) | row.run.startswith(f"{run}/", autoescape=True)
    sums = [func.sum(getattr(row, name)) for name in _COUNTS]
    query = select(row.price_version, row.batch, *sums).where(its_own, row.price_version != "")
    async with db.reading() as session:
        found = (await session.execute(query.group_by(row.price_version, row.batch))).all()
    if not any(_cached(counts) for _, _, *counts in found):
        return 0.0
    priced = await Prices(db).all()
    saved = 0.0
    for version, batch, *counts in found:
        *tokens, for_an_hour = map(int, counts)
        usage = Usage(**dict(zip(Usage.model_fields, tokens, strict=True)))
        if rates := priced.get(version):
            saved += rates.uncached(usage, batch=batch) - rates.cost(usage, for_an_hour, batch=batch)
    return saved


def _cached(counts: Sequence[int]) -> bool:
    """Whether any of these tokens had to do with a cache."""
    by_name = dict(zip(_COUNTS, counts, strict=True))
    return bool(by_name["cache_read_tokens"] or by_name["cache_write_tokens"])

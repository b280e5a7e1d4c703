"""What `./farm cost` looks up for its report."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from ops.cost import headers as prefixes
from ops.cost import report as telling
from ops.cost.forecast import Forecast, first_day_needed, forecast
from ops.cost.price_of import price_of
from store.database import Database
from store.prices import Prices
from store.spending import Spending, Split


async def look(db: Database, by: Split, since: datetime, instead: Mapping[str, str], now: datetime) -> telling.Report:
    """`instead`: role -> model, for what the same tokens had cost then."""
    spending, priced = Spending(db), await Prices(db).all()
    spent = await spending.split(by, since)
    rates = {role: await price_of(db, model) for role, model in instead.items()}
    runs = telling.runs(await spending.runs(since))
    return telling.Report(
        since=since.isoformat(timespec="minutes"),
        by=by,
        lines=telling.lines(spent, rates, by_cost=by != "day"),
        total=telling.line("all", spent, rates),
        instead=dict(instead),
        runs=runs,
        triage_saved_usd=runs.triage_saved_usd,
        cache_saved_usd=telling.cache_saved(spent, priced),
        batch_saved_usd=telling.batch_saved(spent, priced),
        unpriced_calls=sum(each.calls - each.cached for each in spent if not each.price_version),
        misses=tuple(await spending.misses(since)),
        header_changes=await prefixes.changes(db, await spending.headers(since)),
        forecast=await _forecast(spending, now.astimezone(UTC).date()),
    )


async def _forecast(spending: Spending, today: date) -> Forecast:
    first = datetime.combine(first_day_needed(today), time(), UTC)
    by_day: dict[date, float] = {}
    for each in await spending.split("day", first):
        day = date.fromisoformat(each.key)
        by_day[day] = by_day.get(day, 0.0) + each.cost_usd
    begun = await spending.begun()
    return forecast(by_day, begun.date() if begun else today, today)

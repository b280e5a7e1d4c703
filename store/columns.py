"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Numeric, Text, TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC. A naive one is refused: nobody could say when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"datetime without a timezone: {value.isoformat()}; give one in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        # SQLite keeps no zone; what was bound was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Prose(TypeDecorator[str]):
    """Text from outside. NUL, which PostgreSQL's text can't hold, is left out, and half an emoji becomes "?":
    a stray character must not lose the row."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value if value is None else value.replace("\x00", "").encode("utf-8", "replace").decode()


# US dollars. A cached token costs some 1e-8, so twelve digits behind the point; a sum is exact on PostgreSQL.
Usd = Numeric(20, 12, asdecimal=False)

# Plain JSON, not JSONB: it is kept as written, key order and escaped NUL included, and is never searched.
Json = JSON(none_as_null=True)

# SQLite counts up by itself only in an INTEGER primary key.
Counter = BigInteger().with_variant(Integer, "sqlite")

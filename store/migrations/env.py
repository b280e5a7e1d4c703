"""Alembic's environment: run by Alembic, on the connection that `upgrade.py` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from store.tables import Base


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """A migration names the database's types, so that it stays as it is when ours change."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite can't alter most of a table in place; Alembic then writes a new one and moves the rows.
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()

"""Kits, forks and what is kept; when a text was put last"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forks",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("wish", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_forks"),
        sa.UniqueConstraint("run", name="uq_forks_run"),
    )
    op.create_index("ix_forks_origin", "forks", ["origin"])
    op.create_table(
        "kept",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "run", name="pk_kept"),
    )
    op.create_table(
        "kits",
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("kit", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("job", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_kits"),
    )
    # Texts that are there count as put now: a run in flight may have no other sign of needing one. Workers of the
    # version before, which know nothing of this column, may go on beside the new ones. SQLite adds no column with
    # such a default to a table, so there the table is made anew.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("blobs", recreate=recreate) as blobs:
        blobs.add_column(
            sa.Column(
                "recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("blobs") as blobs:
        blobs.drop_column("recorded_at")
    op.drop_table("kits")
    op.drop_table("kept")
    op.drop_index("ix_forks_origin", table_name="forks")
    op.drop_table("forks")

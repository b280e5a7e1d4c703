"""Own writes: what the door knows the farm's own writes by"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "own_writes",
        sa.Column("number", COUNTER, autoincrement=True, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_own_writes"),
    )
    op.create_index("ix_own_writes_about_at", "own_writes", ["about", "at"])
    op.create_index("ix_own_writes_key", "own_writes", ["key"])
    op.create_index("ix_own_writes_at", "own_writes", ["at"])


def downgrade() -> None:
    op.drop_table("own_writes")

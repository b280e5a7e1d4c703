"""What a call cost and why: prices by version, an hour's cache apart, batches, and what lost the vendor's cache"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

FLAGS = ("batch", "cached")
WORDS = ("price_version", "header", "cache_miss")


def upgrade() -> None:
    hour = sa.Column("cache_write_1h_tokens", sa.Integer(), nullable=False, server_default="0")
    op.add_column("model_calls", hour)
    for flag in FLAGS:
        op.add_column("model_calls", sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false()))
    for word in WORDS:
        op.add_column("model_calls", sa.Column(word, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_model_calls_at", "model_calls", ["at"])
    op.create_table(
        "prices",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_prices"),
    )


def downgrade() -> None:
    op.drop_table("prices")
    op.drop_index("ix_model_calls_at", "model_calls")
    for name in (*WORDS, *FLAGS, "cache_write_1h_tokens"):
        op.drop_column("model_calls", name)

"""Dead letters: the events of runs that were given up for good"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("events", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_state_at", "dead_letters", ["state", "at"])
    # Runs that were given up before: nobody can say any more which of them a person has looked at.
    op.execute(
        """INSERT INTO dead_letters (run, agent, entity, events, reason, at, state, "by", settled_at)
        SELECT run, agent, entity, events, reason, at, 'waiting', '', NULL FROM runs WHERE phase = 'dead-letter'"""
    )


def downgrade() -> None:
    op.drop_index("ix_dead_letters_state_at", table_name="dead_letters")
    op.drop_table("dead_letters")

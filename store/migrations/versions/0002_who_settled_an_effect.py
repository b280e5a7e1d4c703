"""Who settled an effect"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("effects", sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
    op.add_column("effects", sa.Column("rulings", sa.JSON(none_as_null=True), server_default="[]", nullable=False))
    op.add_column("effects", sa.Column("settled_by", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("effects", "settled_by")
    op.drop_column("effects", "rulings")
    op.drop_column("effects", "attempt")

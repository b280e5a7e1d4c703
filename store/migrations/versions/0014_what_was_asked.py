"""What was asked: a hash of the request, of calls whose answer another such call of the run can have"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_calls", sa.Column("request", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("model_calls", "request")

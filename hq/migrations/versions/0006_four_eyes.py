"""What one person asks and another agrees to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty: no office asks for a second person until it says so."""
    op.create_table(
        "second_look",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("by", "what", "key")),
        sa.Column("cafe_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("why", "agreed_by")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("agreed_at", "ended_at")),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("second_look")

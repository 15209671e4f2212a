"""The trail, sealed night by night."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Acts written so far are under no seal; the next night seals them as they are."""
    with op.batch_alter_table("hq_act") as act:
        act.add_column(sa.Column("seal", sa.BigInteger(), nullable=True))
    op.create_table(
        "act_seal",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in ("at", "acts", "first_at")),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in ("digest", "sig")),
        sa.PrimaryKeyConstraint("n"),
    )


def downgrade() -> None:
    op.drop_table("act_seal")
    with op.batch_alter_table("hq_act") as act:
        act.drop_column("seal")

"""A second factor for accounts, its recovery codes, and a day until which a given password is good."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to accounts and sessions; nobody has a second factor yet."""
    with op.batch_alter_table("hq_user") as user:
        user.add_column(sa.Column("password_until", sa.BigInteger(), nullable=True))
        user.add_column(sa.Column("factor_secret", sa.Text(), server_default="", nullable=False))
        user.add_column(sa.Column("factor_at", sa.BigInteger(), nullable=True))
        user.add_column(sa.Column("factor_step", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("hq_session") as session:
        session.add_column(sa.Column("half", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "recovery_code",
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("username", "code_hash"),
    )


def downgrade() -> None:
    op.drop_table("recovery_code")
    with op.batch_alter_table("hq_session") as session:
        session.drop_column("half")
    with op.batch_alter_table("hq_user") as user:
        for name in ("factor_step", "factor_at", "factor_secret", "password_until"):
            user.drop_column(name)

"""Accounts as another organisation knows them, and how each session was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to accounts and sessions; nobody signs in from elsewhere yet."""
    with op.batch_alter_table("hq_user") as user:
        for name in ("openid_email", "openid_issuer", "openid_subject"):
            user.add_column(sa.Column(name, sa.Text(), server_default="", nullable=False))
    with op.batch_alter_table("hq_session") as session:
        session.add_column(sa.Column("way", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("hq_session") as session:
        session.drop_column("way")
    with op.batch_alter_table("hq_user") as user:
        for name in ("openid_subject", "openid_issuer", "openid_email"):
            user.drop_column(name)

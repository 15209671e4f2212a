"""What a sale may not take: postage of mail that left or that was paid before."""

import sqlite3

from pos.i18n import _
from pos.services.post import reading, words
from pos.services.post import refusals as no
from pos.services.post.tables import DEPOSIT, GIVEN_BACK
from pos.till.tab import Tab


def postage_is_due(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse to take the postage of mail given back, or paid on another bill."""
    for line in tab.lines:
        if not line.ref.startswith(DEPOSIT):
            continue
        found = reading.item(conn, line.ref.removeprefix(DEPOSIT))
        if found is None or found.state == GIVEN_BACK:
            raise no.MailGone(state=words.state(found.state) if found else _("unknown"))
        if found.paid_no:
            raise no.MailPaid(no=found.paid_no)

"""Accounts of the office as another organisation knows their owners: set by an administrator, never made by themselves."""

from sqlalchemy import Connection, false, or_, select, update

from hq import access
from hq.access import BadAccount
from hq.acts import note_act
from hq.openid import Person
from hq.tables import hq_user
from pos.errors import Refusal
from pos.i18n import N_


class NoAccount(Refusal):
    """Nobody at the office is known under this identity."""

    sentence = N_("No account of the office is yours under this identity.")
    remedy = N_("Ask a national coordinator to write your address on your account, as %(name)s knows it.")


def set_identity(
    conn: Connection, *, by: str, now_ms: int, username: str, issuer: str, email: str, subject: str
) -> None:
    """Say who the owner of an account is elsewhere, by their address or by their identifier; empty takes it away.

    Whoever was there under the former one is signed out. Raises BadAccount.
    """
    email, subject = email.strip().lower(), subject.strip()
    if email and ("@" not in email or len(email) > 200 or len(email.split()) != 1):
        raise BadAccount(why=N_("the address is not one"))
    if len(subject) > 255:
        raise BadAccount(why=N_("the identifier is too long"))
    taken = [
        column == said
        for column, said in ((hq_user.c.openid_email, email), (hq_user.c.openid_subject, subject))
        if said
    ]
    others = select(hq_user.c.username).where(or_(false(), *taken), hq_user.c.username != username)
    if conn.execute(others).first():
        raise BadAccount(why=N_("another account has this identity"))
    conn.execute(
        update(hq_user).where(hq_user.c.username == username)
        .values(openid_email=email, openid_subject=subject, openid_issuer=issuer if subject else "")
    )  # fmt: skip
    access.sign_out_everywhere(conn, username)
    note_act(conn, now_ms, by, "openid.set" if email or subject else "openid.taken_off", username=username)


def sign_in(conn: Connection, person: Person, *, name: str, now_ms: int) -> tuple[str, Refusal | None]:
    """Return a fresh session of who came back; half a session where Zinc's own code is still to come.

    The identifier is what lasts: the first visit under a verified address writes it down, and from then on
    the address alone opens nothing, whoever gets it next.
    """
    known = select(hq_user).where(
        hq_user.c.openid_issuer == person.issuer, hq_user.c.openid_subject == person.subject
    )  # fmt: skip
    row = conn.execute(known).mappings().first()
    if row is None and person.email:
        by_email = select(hq_user).where(hq_user.c.openid_email == person.email, hq_user.c.openid_subject == "")
        row = conn.execute(by_email).mappings().first()
        if row is not None and row["disabled_at"] is None:
            conn.execute(
                update(hq_user).where(hq_user.c.username == row["username"])
                .values(openid_issuer=person.issuer, openid_subject=person.subject)
            )  # fmt: skip
            note_act(conn, now_ms, row["username"], "openid.known")
    if row is None or row["disabled_at"] is not None:
        return "", NoAccount(name=name)
    way = access.OPENID_FACTOR if person.factor else access.OPENID
    half = row["factor_at"] is not None and not person.factor
    return access.open_session(conn, row["username"], now_ms, half=half, way=way), None

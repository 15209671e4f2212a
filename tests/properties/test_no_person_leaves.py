"""No person's name, phone, address or number in any outgoing byte: journal, upload, HQ's database."""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hq import enrolment, register
from hq.config import Config
from hq.local import LocalTransport
from hq.wiring import Office, open_office
from kiosk.demo_services import LIVES
from pos.clock import StoppedClock
from pos.engines import persons, stock
from pos.house import FEATURES
from pos.seal import Keyring
from pos.services.accounts import desk as accounts
from pos.services.bikes import hiring
from pos.services.bikes import reading as racks
from pos.services.bread import orders
from pos.services.bread.contracts import Line as Loaves
from pos.services.grocery import desk as grocery
from pos.services.loans import desk as loans
from pos.services.meals import people as meals
from pos.services.members import desk as members
from pos.services.parcels import intake
from pos.services.post import desk as post
from pos.services.relays import desk as relays
from pos.store import Store
from pos.till import close, sell
from pos.till.invoices import desk as invoicing
from pos.till.people import add_operator
from pos.till.tab import CASH
from sync import agent, enrol
from sync.books import metadata
from sync.line import Answer, Line
from tests.properties import village
from tests.properties.village import BY, MARK

FIRST, DAYS = date(2026, 3, 12), 9
# Texts about persons in the private store; a town or a postcode alone is nobody.
TOLD = {
    "name", "phone", "address", "way", "diet", "allergies", "contact_name", "contact_phone", "text", "number", "said", "street",
}  # fmt: skip


class Overheard(LocalTransport):
    """The line to HQ with somebody listening."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.heard: list[bytes] = []

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Note what goes out, as it would be read."""
        self.heard += [path.encode(), gzip.decompress(body) if packed else body]
        return super().send(method, path, body, packed=packed, token=token)


@pytest.fixture
def marked() -> Iterator[None]:
    """Everybody made up bears a name nobody else has."""
    before = village.mark_names()
    yield
    village.unmark(before)


def with_everything(store: Store) -> None:
    """Say all that may be said of a person, in each service that asks for it."""
    who = {"name": f"{MARK} Personne", "phone": "0699135791", "by": BY}
    close.open_day(store, 30_000, by=BY)
    accounts.open_account(store, **who)
    members.enter_member(store, **who)
    meals.enter(
        store, consent=True, address=f"3 rue {MARK}", way=f"Derrière {MARK}", diet=f"Sans {MARK}", allergies=f"{MARK}ose",
        contact_name=f"Fille {MARK}", contact_phone="0699246802", **who,
    )  # fmt: skip
    grocery.set_producer(store, commission_bp=1500, **who)
    stock.list_supplier(store, **who)
    tomorrow = (FIRST + timedelta(days=1)).isoformat()
    orders.place_order(store, [Loaves(article="baguette", quantity=1_000)], for_day=tomorrow, **who)
    relays.set_relay(
        store, "retouches", sort="repair", label="Retouches", provider=f"{MARK} Aiguille", phone="0699357913", by=BY
    )
    thing = relays.leave(store, "laundry", what=f"Manteau {MARK}", **who)
    assert thing.person
    book = loans.list_item(store, label="Le Grand Meaulnes", by=BY)
    loans.lend(store, book.item, **who)
    with store.reading() as conn:
        bike = next(row["bike"] for row in racks.fleet(conn) if row["state"] == "available")
    hired = hiring.hire(store, bikes=[bike], rule="day", cheque=f"{MARK}77", **who)
    sell.take_payment(store, hired.tab, CASH, by=BY)
    post.pay_out(store, 2_000, ref="R-9911", name=f"{MARK} Retrait", by=BY)
    post.keep_instance(store, name=f"{MARK} Avis", code="RK123456785FR", by=BY)
    intake.receive(store, code="12345678", carrier="mondial-relay", name=f"{MARK} Colis", by=BY)
    add_operator(store, role="seller", name=f"{MARK} Vendeuse", pin="8264", by=BY)
    buyer = invoicing.note_buyer(
        store, sort="person", entity=f"{MARK} Facture", street=f"4 rue {MARK}", postcode="53220", town="Larchamp", by=BY
    )
    lines = [sell.SoldLine(product="cafe")]
    sold = sell.sell(store, lines=lines, payments=[sell.TakenPayment(means=CASH)], by=BY).sale
    assert sold is not None
    invoicing.invoice_ticket(store, sold.no, buyer=buyer, by=BY)


def private_texts(store: Store) -> dict[str, set[str]]:
    """Return what the private store knows of persons, by purpose."""
    found: dict[str, set[str]] = {}
    with store.reading() as conn:
        for purpose, body in conn.execute("SELECT purpose, body FROM private_person"):
            said = {str(v) for k, v in json.loads(body).items() if k in TOLD and len(str(v)) >= 6}
            found.setdefault(purpose, set()).update(said)
    return found


def everything_at_hq(office: Office) -> bytes:
    """Return every value of every table of HQ, and its file as it lies on the disk."""
    parts = [path.read_bytes() for path in office.config.data.parent.glob("hq.db*")]
    with office.db.reading() as conn:
        for table in metadata.sorted_tables:
            for row in conn.execute(select(table)):
                parts += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(parts)


def in_clear(office: Office) -> bytes:
    """Return the stored journals unpacked."""
    from sync import ingest

    with office.db.reading() as conn:
        return b"\n".join(entry.data for fresh in ingest.stored(conn) for entry in fresh.entries)


def test_no_person_is_in_any_outgoing_byte(tmp_path: Path, marked: None) -> None:
    """Every service lives nine days under marked names; nothing the private store knows ever goes out."""
    clock = StoppedClock(f"{FIRST}T06:30:00")
    office = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    with office.db.writing() as conn:
        sheet = register.Sheet(name="Café", insee="53195", antenna=4, model="managed")
        number = register.add_cafe(conn, sheet, by="office", now_ms=clock.now_ms())
        code = str(enrolment.make_code(conn, number, by="office", at=clock.now_ms()))
    ears = Overheard(office)
    store = Store(
        tmp_path / "cafe.db", clock=clock, keyring=Keyring.load_or_make(tmp_path / "box.key"), features=FEATURES
    )
    enrol.open_first_journal(store, enrol.enrol(store, Line(ears), code, hw="test"))
    played = village.Village(store, clock, village.random.Random(1))
    played.kept["members_only"] = False
    village.agree(played, FIRST, list(LIVES))
    with_everything(store)
    close.close_day(store, by=BY)
    for n in range(1, DAYS):
        village.play_day(played, FIRST + timedelta(days=n), list(LIVES))
    agent.push(store, Line(ears))
    texts = private_texts(store)
    # The made-up relays are called after their provider's sign, which is public.
    texts["relays.provider"] = {text for text in texts["relays.provider"] if MARK in text or text.startswith("06")}
    # Each purpose for which persons are known was tried, under a marked name.
    tried = {purpose for purpose, said in texts.items() if any(MARK in text for text in said)}
    assert set(persons.PURPOSES) - tried == set()
    journal = village.in_the_journal(store)
    outgoing = {
        "journal": journal, "upload": b"\n".join(ears.heard), "HQ": everything_at_hq(office), "HQ, unpacked": in_clear(office),
    }  # fmt: skip
    assert len(in_clear(office)) > 100_000
    for where, content in outgoing.items():
        assert MARK.encode() not in content, where
        told = [text for said in texts.values() for text in said if text.encode() in content]
        assert told == [], where
    store.close()
    office.close()

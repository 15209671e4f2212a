"""A café, its HQ, and a line that mistreats what comes down: what the tests of lists share."""

from collections.abc import Callable

import msgspec

from hq import announcing, enrolment, pricing
from hq.access import OFFICE
from hq.local import LocalTransport
from hq.wiring import Office
from pos.store import Store
from pos.till import network, tables
from pos.till.events import ProductListed
from pos.till.network_events import ConfigApplied
from sync import downstream as box
from sync.line import Answer
from tests.hq.conftest import JoinCafe

DAY = "2026-11-20"
COFFEE = "3012345678902"
Mistreat = Callable[[str, Callable[[], Answer]], Answer]


class Bad:
    """A transport that mistreats some answers of the real desk."""

    def __init__(self, office: Office, mistreat: Mistreat = lambda _path, ask: ask()) -> None:
        self.mistreat = mistreat
        self._real = LocalTransport(office)
        self.asked: list[str] = []

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        self.asked.append(path)
        return self.mistreat(path, lambda: self._real.send(method, path, body, packed=packed, token=token))


def confirmed_box(join: JoinCafe, office: Office, cafe: int = 17) -> Store:
    """A café whose box is confirmed, with one product on its menu."""
    made = join(cafe)
    with office.db.writing() as conn:
        enrolment.confirm(conn, cafe, enrolment.boxes(conn, cafe)[-1].jn, by="t", at=office.clock.now_ms())
    product(made, 200)
    return made


def product(store: Store, price: int, *, reason: str = "", by: str = "g1") -> None:
    """Put the coffee on the menu at a price."""
    from pos.till import catalogue

    listed = ProductListed(
        product="coffee", label="Café moulu 250 g", category="epicerie", price=price, vat_class="grocery", ean=COFFEE
    )
    catalogue.list_product(store, listed, reason=reason, by=by)


def price_of(store: Store) -> int:
    """The coffee's price on the menu."""
    with store.reading() as conn:
        row = tables.product(conn, "coffee")
    assert row is not None
    return int(row["price"])


def say(office: Office, title: str = "Livraison décalée", **more: object) -> str:
    """Announce something to everybody."""
    with office.db.writing() as conn:
        draft = announcing.Draft(title=title, words="Lundi au lieu de vendredi.", first=DAY, **more)  # type: ignore[arg-type]
        return announcing.announce(conn, OFFICE, draft, now_ms=office.clock.now_ms())


def price(office: Office, price: str = "1,80", ceiling: str = "", first: str = DAY) -> None:
    """Set the coffee's network price."""
    with office.db.writing() as conn:
        typed = pricing.Typed(ref=COFFEE, label="Café moulu 250 g", price=price, ceiling=ceiling, first=first)
        pricing.set_price(conn, OFFICE, typed, now_ms=office.clock.now_ms())


def titles(store: Store) -> list[str]:
    """The news shown."""
    with store.reading() as conn:
        return [one.title for one in network.news(conn, DAY)]


def applied(store: Store) -> list[tuple[str, int]]:
    """Channels and numbers as the journal says they came into force."""
    from pos import journal

    assert store.journal is not None
    with store.reading() as conn:
        bodies = [journal.read_envelope(one.body) for one in journal.entries(conn, store.journal)]
    events = (store.types.decode(one.kind, one.kv, one.data) for one in bodies if one.kind == ConfigApplied.kind)
    return [(one.channel, one.n) for one in events if isinstance(one, ConfigApplied)]


def troubles(store: Store) -> list[str]:
    """Why manifests were refused, as the journal says."""
    with store.reading() as conn:
        rows = conn.execute(
            "SELECT CAST(body AS TEXT) FROM journal_entry WHERE instr(CAST(body AS TEXT), 'manifest_refused')"
        )
        told = [msgspec.json.decode(row[0])["data"] for row in rows]
    return [one["detail"].partition(":")[0] for one in told if one["what"] == "manifest_refused"]


def serial(store: Store) -> int:
    """The highest serial believed."""
    with store.reading() as conn:
        return box.serial(conn)

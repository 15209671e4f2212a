"""The rooms behind the counter: every page opens, the day closes, refunds, catalogue, team, backup."""

import io
import re

import pytest

from kiosk.settings import siret_is_right
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.till import tables
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

PAGES = (
    "/", "/menu/", "/tickets/", "/drawer/", "/drawer/open", "/drawer/count", "/day/open", "/day/close", "/catalogue/",
    "/catalogue/new", "/catalogue/cafe", "/catalogue/rows", "/catalogue/file", "/team/", "/team/new", "/team/v1",
    "/settings/cafe", "/settings/machines", "/settings/hq", "/settings/clock", "/settings/backups", "/settings/backups/file", "/settings/version", "/demo/paper", "/lock",
    "/bills", "/find", "/find/results?text=caf", "/tiles", "/shelf/epicerie", "/shelf/epicerie?page=2", "/product/cafe/keys", "/cards",
)  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_every_page_opens_in_french(screen: Counter, url: str) -> None:
    """No page fails, none leaves an English word of its own."""
    text = screen.page(url)
    for english in ("Counter<", ">Save<", ">Menu of", "Nothing found", ">Close<", ">Open the"):
        assert english not in text


@pytest.mark.parametrize("url", PAGES)
def test_every_element_that_asks_says_where_the_answer_goes(screen: Counter, url: str) -> None:
    """No attribute of htmx is inherited, so that the next version of it changes nothing."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    for tag in re.findall(r"<[a-z]+[^>]*\shx-(?:post|get)=[^>]*>", screen.page(url)):
        for needed in ("hx-target=", "hx-swap="):
            assert needed in tag, tag
        if "hx-post=" in tag:
            assert "hx-sync=" in tag, tag


def sell_one(screen: Counter, product: str = "cafe", n: int = 1) -> None:
    """Sell one thing for exact cash."""
    screen.tap(f"/bill/add/{product}", attempt=f"add-{n:04}")
    screen.tap("/bill/pay/cash", attempt=f"pay-{n:04}")


def test_a_refund_by_line_leaves_the_rest(screen: Counter, kiosk: Kiosk) -> None:
    """One of two lines is given back, for a reason; the other may be later."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    screen.tap("/bill/add/croissant", attempt="add-0002")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    answer = screen.tap("/tickets/1/refund", attempt="refund-01", part="1", place="1", q1="1000", reason="mistake")
    assert answer.headers["HX-Redirect"] == "/tickets/2"
    again = screen.tap("/tickets/1/refund", attempt="refund-02", part="1", place="1", q1="1000", reason="mistake")
    assert again.status_code == 422
    rest = screen.tap("/tickets/1/refund", attempt="refund-03", reason="mistake")
    assert rest.status_code == 204
    with kiosk.store.reading() as conn:
        row = tables.ticket(conn, 1)
    assert row is not None
    assert row["refunded"] == row["total"]


def test_a_card_sale_given_back_in_cash_asks_for_the_manager(screen: Counter, other_screen: Counter) -> None:
    """The seller is refused; with the manager's PIN it is done in the manager's name (R50)."""
    other_screen.tap("/bill/add/cafe", attempt="add-0001")
    shown = other_screen.tap("/bill/card", attempt="card-0001").text
    payment = re.search(r"/bill/card/(\w+)/accepted", shown)[1]  # type: ignore[index]
    other_screen.tap(f"/bill/card/{payment}/accepted", attempt="card-0002")
    refused = other_screen.tap("/tickets/1/refund", attempt="refund-01", reason="mistake", means="cash")
    assert refused.status_code == 422
    lent = {"manager": cafe.MANAGER, "manager_pin": cafe.MANAGER_PIN}
    done = other_screen.tap("/tickets/1/refund", attempt="refund-02", reason="mistake", means="cash", **lent)
    assert done.status_code == 204


def test_the_day_is_closed_by_its_count(screen: Counter, kiosk: Kiosk) -> None:
    """Count, difference live, Z; the counter then asks to open again."""
    sell_one(screen)
    live = screen.tap("/day/counted", n2000="7", n1000="1", n100="1")
    assert "Il manque" in live.text
    assert "0,30" in live.text
    answer = screen.tap("/day/close", attempt="close-0001", n2000="7", n1000="1", n100="1", reason="change")
    assert answer.headers["HX-Redirect"] == "/day/z/1"
    assert screen.client.get("/").headers["Location"] == "/day/open"
    with kiosk.store.reading() as conn:
        row = tables.day_row(conn, "2026-11-20")
    assert row is not None
    assert row["counted"] == 15_100
    assert screen.tap("/day/close", attempt="close-0001").headers["HX-Redirect"] == "/day/open"


def test_a_closed_day_sells_nothing_and_says_how_to_open(screen: Counter) -> None:
    """A stale screen's tap after closing is refused in one sentence."""
    screen.tap("/day/close", attempt="close-0001")
    answer = screen.tap("/bill/add/cafe", attempt="add-0001")
    assert answer.status_code == 422
    assert "journée" in answer.text


def test_the_menu_goes_out_and_comes_back_as_a_file(screen: Counter) -> None:
    """What is exported can be imported; a wrong line is named and nothing changes."""
    text = screen.client.get("/catalogue/file.csv").text
    assert text.count("\n") > 120
    wrong = text.replace("1,30", "un euro", 1)
    for sent, status in ((text, 303), (wrong, 422)):
        answer = screen.client.post(
            "/catalogue/file", data={"file": (io.BytesIO(sent.encode()), "carte.csv"), "attempt": f"file-{status}"}
        )
        assert answer.status_code == status
    assert "un euro" in answer.text
    assert "ligne" in answer.text
    binary = screen.client.post(
        "/catalogue/file", data={"file": (io.BytesIO(b"\xff\xfe\x00PK"), "carte.xlsx"), "attempt": "file-0003"}
    )
    assert binary.status_code == 422
    assert "/catalogue/file.csv" in binary.text


def test_only_a_manager_changes_people_and_settings(other_screen: Counter) -> None:
    """A seller is told to ask."""
    for url, form in (
        ("/team/new", {"name": "Léo", "pin": "7319", "again": "7319"}),
        ("/settings/lock", {"minutes": "9"}),
        ("/settings/cafe", {}),
        ("/team/g1/pin", {"pin": "7319", "again": "7319"}),
    ):
        assert other_screen.tap(url, attempt=f"team{len(url):04}", **form).status_code == 422


def test_somebody_new_signs_in_with_their_pin(screen: Counter, kiosk: Kiosk) -> None:
    """A person added by the manager serves at once; a PIN typed differently twice does not pass."""
    assert (
        screen.tap("/team/new", attempt="team-0001", name="Léo", role="seller", pin="7319", again="7391").status_code
        == 422
    )
    assert (
        screen.tap("/team/new", attempt="team-0002", name="Léo", role="seller", pin="7319", again="7319").status_code
        == 204
    )
    fresh = Counter(screen.client.application.test_client())
    assert fresh.sign_in("v2", "7319").status_code == 303


def test_a_backup_needs_its_passphrase_and_is_not_readable(screen: Counter) -> None:
    """The copy is encrypted: no name, no table in it; a short passphrase is refused."""
    made = screen.client.post("/settings/backups/make", data={"passphrase": "une phrase longue"})
    assert made.status_code == 200
    assert b"SQLite" not in made.data
    assert "Maëlle".encode() not in made.data
    assert screen.client.post("/settings/backups/make", data={"passphrase": "court"}).status_code == 422


def test_a_backup_comes_back_whole(screen: Counter, kiosk: Kiosk) -> None:
    """Restored at the same place in the journal, the till goes on with it."""
    made = screen.client.post("/settings/backups/make", data={"passphrase": "une phrase longue"}).data
    wrong = screen.client.post(
        "/settings/backups/restore", data={"passphrase": "une autre phrase", "file": (io.BytesIO(made), "copie.zinc")}
    )
    assert wrong.status_code == 422
    older = screen.client.post(
        "/settings/backups/restore", data={"passphrase": "une phrase longue", "file": (io.BytesIO(made), "copie.zinc")}
    )
    assert older.status_code == 422


def test_siret_numbers_are_checked() -> None:
    """Fourteen digits with their Luhn sum; La Poste's own rule."""
    assert siret_is_right("732 829 320 00074")
    assert siret_is_right("35600000000048")
    assert not siret_is_right("73282932000075")
    assert not siret_is_right("7328293200007")
    assert not siret_is_right("7328293200007A")


def test_trouble_pages_are_french(screen: Counter) -> None:
    """404 and 405 say what to do."""
    lost = screen.client.get("/nowhere")
    assert lost.status_code == 404
    assert "comptoir" in lost.text
    assert screen.client.post("/tickets/").status_code == 405


def test_the_simulated_printer_shows_what_the_bytes_print(screen: Counter, kiosk: Kiosk) -> None:
    """The demo's page shows the ticket, and its switches work."""
    sell_one(screen)
    screen.tap("/tickets/1/print", attempt="print-0001")
    assert "Café de la Halle" in screen.page("/demo/paper")
    screen.tap("/demo/paper/no_paper", on="1")
    assert kiosk.devices.simulated_printer.state()["no_paper"] is True


def test_a_bill_on_paper_is_recorded_and_no_proof_of_payment(screen: Counter, kiosk: Kiosk) -> None:
    """The note before payment is printed on request and counted (R47)."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    assert screen.tap("/tickets/bill/print", attempt="bill-0001").status_code == 200
    text = "\n".join(line.text for line in kiosk.devices.simulated_printer.paper()[0])
    assert "Café" in text
    assert "Ticket n°" not in text
    with kiosk.store.reading() as conn:
        assert tables.totals(conn, "2026-11-20", "count")["bills"][2] == 1


def test_the_address_of_hq_is_typed_and_checked(screen: Counter, kiosk: Kiosk) -> None:
    """A wrong address is refused in one sentence; a right one opens the line."""
    assert screen.tap("/settings/hq", url="siege").status_code == 422
    assert screen.tap("/settings/hq", url="http://127.0.0.1:9").status_code == 204
    assert kiosk.line is not None
    told = screen.tap("/settings/hq/push")
    assert told.status_code == 422
    assert 'class="remedy"' in told.text


def test_the_check_number_is_on_the_page_until_hq_confirmed_it(screen: Counter, kiosk: Kiosk) -> None:
    """Worked out from the two keys as HQ does: a box restored from a copy has it too."""
    from pos import drafts
    from sync import agent, wire

    store = kiosk.store
    assert store.journal is not None
    with store.writing(by="box") as tx:
        drafts.put(tx.conn, agent.STATE, {"state": "normal", "pending": True})
    assert wire.check_number(store.keyring.public, store.journal.hq_key) in screen.page("/settings/hq")


def test_a_menu_written_by_a_french_spreadsheet_is_read(screen: Counter, kiosk: Kiosk) -> None:
    """Windows-1252, what a spreadsheet saves as « CSV » here, keeps its accents and its euro sign; a picture is refused."""
    text = "product;label;category;price;vat_class\ncreme;Crème brûlée, œuf d’ici – 4 €;manger;4,50;meal\n"
    sent = {"file": (io.BytesIO(text.encode("windows-1252")), "carte.csv"), "attempt": "file-1252"}
    assert screen.client.post("/catalogue/file", data=sent).status_code == 303
    with kiosk.store.reading() as conn:
        assert tables.product(conn, "creme")["label"] == "Crème brûlée, œuf d’ici – 4 €"
    for n, data in enumerate((b"\x89PNG\r\n\x1a\n\x00\x00", "product;label".encode("utf-16"), b"")):
        sent = {"file": (io.BytesIO(data), "carte.csv"), "attempt": f"file-no-{n}"}
        assert screen.client.post("/catalogue/file", data=sent).status_code == 422


def test_after_midnight_the_screens_say_whose_day_it_is(screen: Counter, clock: StoppedClock) -> None:
    """Between midnight and the cutoff it is still the evening's business day, and said so; at five it is the new one (R33)."""
    for at, said in (("2026-11-21T04:22:00", True), ("2026-11-21T05:01:00", False), ("2026-11-21T23:00:00", False)):
        clock.set(at)
        screen.sign_in()
        text = screen.page("/tickets/").replace("\u00a0", " ")
        assert ("journée du vendredi 20 novembre, jusqu’à 5 h du matin" in text) is said, at
    assert "samedi 21 novembre" in text


def test_a_sale_noted_on_paper_opens_a_bill_that_says_when(screen: Counter) -> None:
    """Two taps and an hour; the bill is on the counter, an hour to come is refused with what to do."""
    assert "/tickets/late" in screen.page("/tickets/")
    assert screen.tap("/tickets/late", attempt="late-0001", hour="0655").headers["HX-Redirect"] == "/"
    assert "Vente notée sur papier" in screen.page("/")
    assert "Tapez une heure passée" in screen.tap("/tickets/late", attempt="late-0002", hour="2359").text

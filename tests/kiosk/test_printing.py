"""Paper as the counter sees it: the one question, the duplicate, the kitchen's slip, the settings of two printers."""

import io
import re
import time

import pytest
from PIL import Image

from kiosk import paper_page
from kiosk.app import create_app
from kiosk.wiring import Kiosk, connect_machines
from pos import drafts
from pos.clock import StoppedClock
from pos.hardware import queue
from pos.hardware.simulated import COVER_OPEN, DIES_MID_JOB, NO_PAPER, OFF, RESETS, SimulatedPrinter
from pos.till import tables
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

QUESTION = "Le ticket est-il sorti"


def set_up(kiosk: Kiosk, **settings: object) -> None:
    """Keep settings of the box, as the screen does, and open its machines."""
    with kiosk.store.writing(by=cafe.MANAGER) as tx:
        drafts.put(tx.conn, "settings", settings)
    connect_machines(kiosk)


def printer_of(kiosk: Kiosk, place: str = "counter") -> SimulatedPrinter:
    """The simulated printer of a place."""
    found = kiosk.devices.simulated_of(place)
    assert found is not None
    return found


def words(printer: SimulatedPrinter) -> str:
    """Everything on a roll."""
    return "\n".join(line.text for slip in printer.paper() for line in slip)


def sell_and_print(screen: Counter, attempt: str = "print-1") -> None:
    """Sell a coffee for cash and print its ticket."""
    screen.tap("/bill/add/cafe", attempt=f"{attempt}-add")
    screen.tap("/bill/pay/cash", attempt=f"{attempt}-pay")
    screen.tap("/tickets/1/print", attempt=attempt)
    screen.page()


def settled(screen: Counter, kiosk: Kiosk) -> None:
    """Wait for the hands to be idle."""
    for printer in ("counter", "kitchen"):
        screen.client.application.extensions["zinc.spooler"].soon(printer).result(timeout=10)
    assert kiosk.devices is not None


def doubts(kiosk: Kiosk) -> list[queue.Job]:
    """Slips nobody knows about."""
    with kiosk.store.reading() as conn:
        return queue.doubts(conn)


def job_asked(page: str) -> int:
    """The slip a page asks about."""
    found = re.search(r"/settings/slips/(\d+)/out/yes", page)
    assert found, page
    return int(found[1])


def test_a_doubtful_ticket_asks_one_question_and_a_no_is_a_duplicata(kiosk: Kiosk, screen: Counter) -> None:
    """R46: nothing is sent again by itself; what takes the ticket's place is the till's own act, and says so."""
    printer = printer_of(kiosk)
    printer.switch(RESETS, True)
    sell_and_print(screen)
    settled(screen, kiosk)
    page = screen.page()
    assert page.count(QUESTION) == 1
    assert words(printer) == ""
    job = job_asked(page)
    answer = screen.tap(f"/settings/slips/{job}/out/no", attempt="answer-1")
    assert QUESTION not in answer.text
    settled(screen, kiosk)
    assert "DUPLICATA n° 1" in words(printer)
    screen.tap(f"/settings/slips/{job}/out/no", attempt="answer-2")
    settled(screen, kiosk)
    assert len(printer.paper()) == 1
    with kiosk.store.reading() as conn:
        ticket = tables.ticket(conn, 1)
        assert ticket
        assert ticket["prints"] == 2
        assert [one.state for one in queue.jobs(conn)] == ["confirmed", "denied"]


def test_a_yes_settles_the_doubt(kiosk: Kiosk, screen: Counter) -> None:
    """The operator's word is the evidence; nothing more is printed."""
    printer = printer_of(kiosk)
    printer.switch(DIES_MID_JOB, True)
    sell_and_print(screen)
    settled(screen, kiosk)
    answer = screen.tap(f"/settings/slips/{job_asked(screen.page())}/out/yes")
    assert QUESTION not in answer.text
    assert "Noté" in answer.text
    # The status line said « ticket à vérifier »: it is asked for again at once.
    assert answer.headers["HX-Trigger"] == "machines"
    printer.switch(OFF, False)
    settled(screen, kiosk)
    assert len(printer.paper()) == 1
    with kiosk.store.reading() as conn:
        assert [(one.state, one.evidence) for one in queue.jobs(conn)] == [("confirmed", "operator")]


def test_another_slip_is_copied_as_it_is(kiosk: Kiosk, screen: Counter) -> None:
    """A drawer slip, a list, a poster: no duplicate of the law, the same paper once more."""
    printer_of(kiosk).switch(RESETS, True)
    screen.tap("/settings/machines/test")
    settled(screen, kiosk)
    screen.tap(f"/settings/slips/{job_asked(screen.page())}/out/no")
    settled(screen, kiosk)
    assert "DUPLICATA" not in words(printer_of(kiosk))
    assert len(printer_of(kiosk).paper()) == 1


def test_the_question_waits_for_somebody_who_signed_in(kiosk: Kiosk, screen: Counter) -> None:
    """A locked screen asks nothing; two doubts are asked one after the other."""
    for _slip in range(2):
        printer_of(kiosk).switch(RESETS, True)
        screen.tap("/settings/machines/test")
        settled(screen, kiosk)
    stranger = Counter(create_app(kiosk).test_client())
    assert QUESTION not in stranger.page("/lock")
    page = screen.page()
    assert "1 sur 2" in page
    line = screen.page("/machines")
    assert 'id="ask"' in line
    assert 'hx-swap-oob="true"' in line
    answer = screen.tap(f"/settings/slips/{job_asked(page)}/out/yes").text
    assert QUESTION in answer
    assert "1 sur" not in answer


def test_the_kiosk_comes_back_by_itself_for_a_slip_that_waits(kiosk: Kiosk, screen: Counter) -> None:
    """The cover is closed: the ticket comes out without a tap, and the till was sold with all the while."""
    app = screen.client.application
    spooler = app.extensions["zinc.spooler"]
    spooler.start()
    try:
        printer = printer_of(kiosk)
        printer.switch(COVER_OPEN, True)
        sell_and_print(screen)
        assert "capot" in screen.page("/settings/machines")
        assert "1 en attente" in screen.page()
        screen.tap("/bill/add/cafe", attempt="more-1")
        screen.tap("/bill/pay/cash", attempt="more-2")
        printer.switch(COVER_OPEN, False)
        assert isinstance(kiosk.store.clock, StoppedClock)
        kiosk.store.clock.tick(60_000)
        deadline = time.monotonic() + 5
        while not printer.paper() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert "Merci" in words(printer)
    finally:
        spooler.stop()


KITCHEN = {"printer": {"kind": "simulated"}, "kitchen": {"kind": "simulated", "width": 58}}


@pytest.fixture
def cook(kiosk: Kiosk) -> SimulatedPrinter:
    """A printer in the kitchen, for hot drinks and beers."""
    with kiosk.store.reading() as conn:
        row = conn.execute("SELECT category FROM till_product WHERE product = 'cafe'").fetchone()
    set_up(kiosk, **KITCHEN, routes={row["category"]: "kitchen"})
    return printer_of(kiosk, "kitchen")


def test_a_bill_goes_to_the_kitchen_once_and_changes_are_told(
    kiosk: Kiosk, screen: Counter, cook: SimulatedPrinter
) -> None:
    """Only what the cook makes, only what is new; fewer is called off."""
    screen.tap("/bill/add/cafe", attempt="a-1")
    screen.tap("/bill/add/baguette", attempt="a-2")
    page = screen.page()
    assert 'id="to-kitchen"' in page
    assert "Envoyé en cuisine" in screen.tap("/bill/kitchen", attempt="a-3").text
    settled(screen, kiosk)
    assert "BON DE CUISINE" in words(cook)
    assert "1 × Café" in words(cook)
    assert "aguette" not in words(cook)
    assert max(len(line.text) for slip in cook.paper() for line in slip) <= 32
    assert 'id="to-kitchen"' not in screen.page()
    assert "déjà" in screen.tap("/bill/kitchen", attempt="a-4").text
    with kiosk.store.reading() as conn:
        line = next(one for one in drafts_of(conn) if one.product == "cafe")
    screen.tap(f"/bill/line/{line.line_id}/3000", attempt="a-5")
    screen.tap("/bill/kitchen", attempt="a-6")
    screen.tap(f"/bill/line/{line.line_id}/1000", attempt="a-7")
    screen.tap("/bill/kitchen", attempt="a-8")
    settled(screen, kiosk)
    told = [line.text.strip() for slip in cook.paper() for line in slip if "Café" in line.text]
    assert told == ["1 × Café", "2 × Café", "ANNULÉ : 2 × Café"]
    assert words(printer_of(kiosk)) == ""


def drafts_of(conn: object) -> list:
    """Lines of the open bills."""
    from pos.till import sell

    return [line for tab in sell.open_tabs(conn) for line in tab.lines]  # type: ignore[arg-type]


def test_a_bill_paid_at_once_reaches_the_kitchen_with_its_note(
    kiosk: Kiosk, screen: Counter, cook: SimulatedPrinter
) -> None:
    """Paid before it was sent: the slip leaves by itself, once, with the words for the cook."""
    screen.tap("/bill/add/cafe", attempt="b-1")
    with kiosk.store.reading() as conn:
        (line,) = drafts_of(conn)
    from pos.till import lines

    lines.note_line(kiosk.store, screen.tab, line.line_id, "sans sucre", by=cafe.MANAGER)
    screen.tap("/bill/pay/cash", attempt="b-2")
    settled(screen, kiosk)
    assert "1 × Café" in words(cook)
    assert "sans sucre" in words(cook)
    assert len(cook.paper()) == 1


def test_a_bill_abandoned_is_called_off_in_the_kitchen(kiosk: Kiosk, screen: Counter, cook: SimulatedPrinter) -> None:
    """What the cook was told is cancelled by name; a bill never sent says nothing."""
    screen.tap("/bill/add/cafe", attempt="v-1")
    screen.tap("/bill/cancel/mistake", attempt="v-2")
    screen.page()
    screen.tap("/bill/add/cafe", attempt="v-3")
    screen.tap("/bill/kitchen", attempt="v-4")
    screen.tap("/bill/cancel/left", attempt="v-5")
    settled(screen, kiosk)
    told = [line.text.strip() for slip in cook.paper() for line in slip if "Café" in line.text]
    assert told == ["1 × Café", "ANNULÉ : 1 × Café"]


def test_without_a_kitchen_printer_nothing_is_sent(kiosk: Kiosk, screen: Counter) -> None:
    """No key, no slip: a café with one printer sees nothing of it."""
    set_up(kiosk, printer={"kind": "simulated"}, routes={"chaud": "kitchen"})
    screen.tap("/bill/add/cafe", attempt="c-1")
    assert 'id="to-kitchen"' not in screen.page()
    screen.tap("/bill/pay/cash", attempt="c-2")
    with kiosk.store.reading() as conn:
        assert queue.jobs(conn) == []


def test_a_kitchen_printer_in_trouble_is_said_apart(kiosk: Kiosk, screen: Counter, cook: SimulatedPrinter) -> None:
    """The counter's tickets come out; the status line says what waits in the kitchen."""
    cook.switch(NO_PAPER, True)
    sell_and_print(screen)
    settled(screen, kiosk)
    page = screen.page()
    assert "Cuisine : 1 en attente" in page.replace("\u00a0", " ")
    assert "Merci" in words(printer_of(kiosk))


def test_both_printers_are_set_on_their_page(kiosk: Kiosk, screen: Counter) -> None:
    """Address, paper, letters, what goes to the kitchen, the sign; what the form does not say stays."""
    sign = io.BytesIO()
    Image.new("L", (120, 40), 0).save(sign, "PNG")
    told = {"kind": "simulated", "width": "80", "code_page": "cp1252", "code_page_slot": "16", "euro": "€"}
    sign.seek(0)
    screen.tap("/settings/machines", **told, confirm="in_order", logo=(sign, "sign.png"))
    with kiosk.store.reading() as conn:
        families = [row["category"] for row in tables.categories(conn)][:2]
    screen.tap("/settings/machines", place="kitchen", kind="simulated", width="58", family=families)
    box = kiosk.box_settings()
    assert box["printer"]["code_page_slot"] == 16
    assert box["printer"]["logo_width"] == 120
    assert box["routes"] == dict.fromkeys(families, "kitchen")
    assert kiosk.devices.kitchen.model.columns == 32
    screen.tap("/settings/machines", kind="simulated", width="58")
    assert kiosk.box_settings()["printer"]["code_page"] == "cp1252"
    assert f'value="{families[0]}" checked' in screen.page("/settings/machines?place=kitchen")
    sell_and_print(screen)
    settled(screen, kiosk)
    codes = [line.code for slip in printer_of(kiosk).paper() for line in slip if line.code]
    assert codes[0] == "IMAGE"
    screen.tap("/settings/machines", kind="simulated", width="80", no_logo="1")
    assert kiosk.box_settings()["printer"]["logo"] == ""


def test_what_is_no_picture_is_refused(kiosk: Kiosk, screen: Counter) -> None:
    """A text, a picture cut short, an enormous one: a sentence, and the settings stay."""
    cut = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(cut, "PNG")
    for data in (b"hello", cut.getvalue()[:2000]):
        answer = screen.tap("/settings/machines", kind="simulated", logo=(io.BytesIO(data), "x.png"))
        assert answer.status_code == 422
        assert "n’est pas une image" in answer.text
    assert "printer" not in kiosk.box_settings()


def test_the_printer_is_asked_what_it_can_say(kiosk: Kiosk, screen: Counter) -> None:
    """Found at set-up, kept as a setting; the page of letters prints a line per slot."""
    set_up(kiosk, printer={"kind": "simulated"})
    screen.tap("/settings/machines/probe")
    assert kiosk.box_settings()["printer"]["confirm"] == "process_id"
    screen.tap("/settings/machines/letters")
    settled(screen, kiosk)
    with kiosk.store.reading() as conn:
        assert [(job.state, job.evidence) for job in queue.jobs(conn)] == [("confirmed", "process_id")]


def test_a_ticket_is_queued_with_its_act_or_not_at_all(kiosk: Kiosk, screen: Counter) -> None:
    """The job row and the fact that it was printed share one transaction."""
    printer_of(kiosk).switch(NO_PAPER, True)
    sell_and_print(screen)
    with kiosk.store.reading() as conn:
        (job,) = queue.jobs(conn)
        assert job.ticket == 1
        ticket = tables.ticket(conn, 1)
        assert ticket
        assert ticket["prints"] == 1


def test_a_slip_nothing_could_print_waits_for_a_tap(kiosk: Kiosk, screen: Counter) -> None:
    """No printer: it fails at once with its reason; set up, a tap prints it; another is given up."""
    set_up(kiosk, printer={"kind": "none"})
    sell_and_print(screen)
    screen.tap("/tickets/1/print", attempt="again-1")
    settled(screen, kiosk)
    with kiosk.store.reading() as conn:
        later, first = (job.job_id for job in queue.failed(conn)[::-1])
    page = screen.page("/settings/machines")
    assert f"/settings/slips/{first}/retry" in page
    assert f"/settings/slips/{later}/drop" in page
    assert QUESTION not in page
    set_up(kiosk, printer={"kind": "simulated"})
    screen.tap(f"/settings/slips/{first}/retry")
    screen.tap(f"/settings/slips/{later}/drop")
    settled(screen, kiosk)
    assert len(printer_of(kiosk).paper()) == 1
    with kiosk.store.reading() as conn:
        assert [job.state for job in queue.jobs(conn)] == ["confirmed"]


def test_the_kitchen_printer_of_the_demonstration_has_its_page(kiosk: Kiosk, screen: Counter) -> None:
    """Its paper and its habits apart from the counter's."""
    set_up(kiosk, **KITCHEN)
    assert "/demo/paper?place=kitchen" in screen.page("/demo/paper")
    screen.tap("/demo/paper/no_paper", place="kitchen", on="1")
    assert printer_of(kiosk, "kitchen").state()["no_paper"]
    assert not printer_of(kiosk).state()["no_paper"]
    for habit, _text in paper_page.HABITS:
        assert habit in printer_of(kiosk).state()


def test_a_screen_that_practises_asks_nothing_about_true_tickets(kiosk: Kiosk, screen: Counter) -> None:
    """A duplicate is an act on the true journal (R45, R46): it is asked where one sells."""
    printer_of(kiosk).switch(RESETS, True)
    sell_and_print(screen)
    settled(screen, kiosk)
    job = job_asked(screen.page())
    screen.tap("/training/start", attempt="train-1")
    assert QUESTION not in screen.page()
    screen.tap(f"/settings/slips/{job}/out/no", attempt="train-2")
    assert len(doubts(kiosk)) == 1
    with kiosk.store.reading() as conn:
        ticket = tables.ticket(conn, 1)
        assert ticket
        assert ticket["prints"] == 1

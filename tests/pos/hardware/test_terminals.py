"""The two protocols of card terminals: frames byte for byte, answers judged, every bad habit told truthfully."""

import socket
import threading
from collections.abc import Callable

import pytest

from pos.hardware.terminals import caisse_ap, concert, open_terminal
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import (
    ACCEPTED,
    BY_HAND,
    CANCEL,
    COLLECT,
    PAY,
    REFUND,
    REFUSED,
    UNKNOWN,
    Answer,
    LineDown,
    LineQuiet,
)  # fmt: skip
from pos.hardware.terminals.lines import SerialLine, TcpLine
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.hardware.terminals.simulated_concert import SimulatedConcert
from pos.hardware.troubles import BadTerminalSetting

REF = "V000012345"
DEBIT = "0230313030303031323530303130393738" + "20" * 10 + "413031304230313003"
BLANK = " " * 10
ACCEPTED_LONG = b"01" + b"0" + b"00001250" + b"1" + b"497010" + b"X" * 6 + b"1234" + b" " * 39 + b"978" + REF.encode()


class Script:
    """A line that says what is written, one byte at a time, and keeps what it is told."""

    def __init__(self, says: bytes, then: type[Exception] = LineQuiet) -> None:
        self.says, self.then, self.heard = says, then, b""

    def write(self, data: bytes) -> None:
        self.heard += data

    def read(self, size: int, seconds: float) -> bytes:
        if not self.says:
            raise self.then
        byte, self.says = self.says[:1], self.says[1:]
        return byte

    def close(self) -> None:
        pass


def over_serial(says: bytes, reference: str = REF, amount: int = 1250) -> tuple[Answer, bytes]:
    """What the serial driver makes of a terminal's words, and what it said itself."""
    line = Script(says)
    return concert.Concert(lambda: line, again_s=0).pay(reference, amount), line.heard


def over_network(says: bytes, amount: int = 1250, then: type[Exception] = LineDown) -> Answer:
    """What the network driver makes of a terminal's words."""
    return caisse_ap.CaisseAp(lambda: Script(says, then)).pay(REF, amount)


# ── Concert ──────────────────────────────────────────────────────────────────────────────────


def test_the_frame_of_a_debit_is_byte_for_byte_the_published_one() -> None:
    """12,50 €, no reference: its check byte is 00, like a mark that ends a text."""
    assert concert.frame(concert.request(1250)) == bytes.fromhex(DEBIT + "00")


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (concert.request(1250, REF, card_data=True), 0x66),
        (concert.request(1250, action=concert.CREDIT), 0x01),
        (concert.request(1250, action=concert.CANCELLATION), 0x02),
        (concert.request(1250, extended=False), 0x03),
        (b"01" + b"0" + b"00001250" + b"1978" + BLANK.encode(), 0x33),
        (b"01" + b"7" + b"00001250" + b"1978" + BLANK.encode(), 0x34),
        (b"01" + b"9" + b"00001250" + b"1978" + BLANK.encode(), 0x3A),
        (ACCEPTED_LONG, 0x7B),
    ],
)
def test_check_bytes_are_the_published_ones(body: bytes, check: int) -> None:
    """The exclusive or of the body and ETX, whatever it comes to."""
    assert concert.frame(body)[-1] == check


@pytest.mark.parametrize(
    ("body", "framed"),
    [
        (concert.request(1250), DEBIT + "00"),
        (
            concert.request(1250, REF, card_data=True),
            DEBIT[:22] + "31" + DEBIT[24:34] + REF.encode().hex() + DEBIT[54:] + "66",
        ),
        (concert.request(1250, action=concert.CREDIT), DEBIT[:26] + "31" + DEBIT[28:] + "01"),
        (
            concert.request(9999999, "V000012345", action=concert.CANCELLATION),
            "0230313039393939393939303132393738563030303031323334354130313042303130036a",
        ),
        (
            concert.request(100, "0123456789"),
            "02303130303030303130303031303937383031323334353637383941303130423031300306",
        ),
    ],
)
def test_requests_are_those_of_another_implementation(body: bytes, framed: str) -> None:
    """PyTeliumManager 2.4.2 writes these bytes for the same requests (docs/terminal.md says how it was run)."""
    assert concert.frame(body).hex() == framed


@pytest.mark.parametrize("check", [0x00, 0x03, 0x04, 0x05, 0x06, 0x15])
def test_a_check_byte_may_look_like_any_control_byte(check: int) -> None:
    """An answer is read by place and length: a check byte equal to a mark ends nothing too early."""
    # The card's data are the terminal's own: one letter of them brings the check byte where it is wanted.
    body = bytearray(ACCEPTED_LONG)
    body[12] ^= concert.frame(bytes(body))[-1] ^ check
    framed = concert.frame(bytes(body))
    assert framed[-1] == check
    said, heard = over_serial(b"\x06\x06\x05" + framed + b"\x04")
    assert said == Answer(ACCEPTED, ref=REF)
    assert heard == b"\x05" + concert.frame(concert.request(1250, REF)) + b"\x04\x06\x06"


def answer(
    outcome: str = "0", amount: int = 1250, private: str = REF, till: str = "01", currency: str = "978"
) -> bytes:
    """A terminal's short frame."""
    return concert.frame(f"{till}{outcome}{amount:08d}1{currency}{private}".encode())


@pytest.mark.parametrize(
    ("framed", "outcome"),
    [
        (answer(), ACCEPTED), (answer("7"), REFUSED), (answer("9"), UNKNOWN), (answer("5"), UNKNOWN),
        (answer(amount=1350), UNKNOWN), (answer(private="V000012344"), UNKNOWN), (answer(till="02"), UNKNOWN),
        (answer(currency="840"), UNKNOWN), (answer("7", private="V000012344"), UNKNOWN),
    ],
)  # fmt: skip
def test_only_an_answer_about_this_payment_counts(framed: bytes, outcome: str) -> None:
    """Amount, reference, till, currency: another one is a doubt, a refusal of another payment too."""
    assert over_serial(b"\x06\x06\x05" + framed)[0].outcome == outcome


def test_a_terminal_that_does_not_listen_is_asked_three_times_and_left() -> None:
    """Nothing but ENQ and EOT was said: nothing can have been taken."""
    said, heard = over_serial(b"\x15\x15\x15")
    assert (said.outcome, heard) == (BY_HAND, b"\x05\x04" * 3)


def test_a_frame_that_was_not_understood_is_sent_again() -> None:
    """NAK is for the frame, not for the payment; three are enough."""
    framed = concert.frame(concert.request(1250, REF))
    said, heard = over_serial(b"\x06\x15\x06\x05" + answer())
    assert said.outcome == ACCEPTED
    assert heard.count(framed) == 2
    assert over_serial(b"\x06\x15\x15\x15")[0].outcome == BY_HAND


@pytest.mark.parametrize("says", [b"\x06", b"\x06\x06", b"\x06\x06\x05", b"\x06\x06\x05" + answer()[:-1], b"\x06X"])
def test_silence_after_the_frame_is_a_doubt(says: bytes) -> None:
    """From the frame on, the money may be taken."""
    assert over_serial(says)[0].outcome == UNKNOWN


def test_a_spoilt_answer_is_asked_for_again_and_never_believed() -> None:
    """NAK once, then the good one; three spoilt ones are a doubt."""
    spoilt = answer()[:-1] + b"\x7f"
    terminal = SimulatedConcert()
    terminal.switch(habits.BAD_CHECK, True)
    assert concert.Concert(terminal.open_line, byte_s=1).pay(REF, 1250).outcome == ACCEPTED
    assert over_serial(b"\x06\x06\x05" + spoilt)[0].outcome == UNKNOWN


# ── Caisse-AP ────────────────────────────────────────────────────────────────────────────────

GOOD = (
    b"CZ0040300CJ012012345678901CA00201CE003978BA0010CD0010CB0041250AE00210CC00300BCI0012AC006654321"
    b"AA016497010######1234AI014A0000000421010AB0042812CG006424242"
)


def test_the_request_is_byte_for_byte_the_published_one() -> None:
    """77 bytes; five cents are written with two digits."""
    assert caisse_ap.request(1250, REF) == (
        b"CZ0040300CJ012012345678901CA00201CE003978BA0010CD0010CB0041250CF010V000012345"
    )
    assert caisse_ap.request(5, action=caisse_ap.CREDIT).endswith(b"CD0011CB00205")


def test_the_published_answers_are_understood() -> None:
    """Accepted with the bank's number, and refused; byte by byte as on a bad line."""
    assert over_network(GOOD) == Answer(ACCEPTED, ref="654321")
    assert over_network(GOOD[:62] + b"AE00201AF00204").outcome == REFUSED


@pytest.mark.parametrize(
    "says",
    [
        GOOD.replace(b"CB0041250", b"CB0041350"), GOOD + b"CF010V000012344", GOOD.replace(b"CE003978", b"CE003840"),
        GOOD.replace(b"CD0010", b"CD0011"), GOOD.replace(b"AE00210", b"AE00211"), GOOD.replace(b"CB0041250", b""),
        GOOD[:62], GOOD[:-3], b"", b"HTTP/1.1 400", b"CZ0x4",
    ],
)  # fmt: skip
def test_an_answer_that_is_cut_or_about_another_payment_is_a_doubt(says: bytes) -> None:
    """Nothing is concluded from what may be half an answer."""
    assert over_network(says).outcome == UNKNOWN


def test_a_padded_amount_is_the_same_amount() -> None:
    """Some terminals pad it to twelve digits."""
    assert over_network(GOOD.replace(b"CB0041250", b"CB012000000001250")).outcome == ACCEPTED


def test_an_answer_cut_between_two_records_waits_for_the_rest() -> None:
    """A prefix may look whole: the result is waited for, then a short silence."""
    server = socket.create_server(("127.0.0.1", 0))

    def say() -> None:
        line, _from = server.accept()
        with line:
            line.recv(200)
            line.sendall(GOOD[:62])
            threading.Event().wait(0.3)
            line.sendall(GOOD[62:])
            threading.Event().wait(0.3)

    speaking = threading.Thread(target=say)
    speaking.start()
    address = f"127.0.0.1:{server.getsockname()[1]}"
    said = caisse_ap.CaisseAp(lambda: TcpLine(address), answer_s=3, quiet_s=0.1).pay(REF, 1250)
    speaking.join()
    server.close()
    assert said.outcome == ACCEPTED


def test_nobody_at_the_address_is_known_at_once() -> None:
    """Nothing left the till: the amount is typed by hand."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    assert caisse_ap.CaisseAp(lambda: TcpLine(address)).pay(REF, 1250).outcome == BY_HAND
    missing = concert.Concert(lambda: SerialLine("/dev/no-such-port", 9600))
    assert missing.pay(REF, 1250).outcome == BY_HAND


# ── the simulated terminals ──────────────────────────────────────────────────────────────────


def ap() -> tuple[SimulatedAp, caisse_ap.CaisseAp]:
    """A terminal on the network and its driver, both in a hurry."""
    terminal = SimulatedAp(late_s=0.4)
    return terminal, caisse_ap.CaisseAp(terminal.open_line, answer_s=0.3, quiet_s=0.05)


def serial() -> tuple[SimulatedConcert, concert.Concert]:
    """A terminal on a serial line and its driver, both in a hurry."""
    terminal = SimulatedConcert(late_s=0.4)
    return terminal, concert.Concert(terminal.open_line, byte_s=0.3, answer_s=0.3, again_s=0.01)


# Outcome said, and whether the terminal took the money.
EXPECTED = {
    "": (ACCEPTED, True), habits.OFF: (BY_HAND, False), habits.BUSY: (BY_HAND, False),
    habits.REFUSES: (REFUSED, False), habits.VANISHES: (UNKNOWN, False), habits.VANISHES_PAID: (UNKNOWN, True),
    habits.FRAGMENTS: (ACCEPTED, True), habits.LATE: (UNKNOWN, True), habits.WRONG_AMOUNT: (UNKNOWN, True),
}  # fmt: skip


@pytest.mark.parametrize("habit", EXPECTED)
@pytest.mark.parametrize("pair", [ap, serial])
def test_each_bad_habit_is_told_truthfully(pair: Callable[[], tuple], habit: str) -> None:
    """Accepted only when taken, refused only when not; all else is for a person, and the next payment works."""
    terminal, driver = pair()
    if habit:
        terminal.switch(habit, True)
    said = driver.pay(REF, 1250)
    terminal.wait_idle()
    assert (said.outcome, [(one.reference, one.amount) for one in terminal.roll()]) == (
        EXPECTED[habit][0], [(REF, 1250)] if EXPECTED[habit][1] else [],
    )  # fmt: skip
    terminal.switch(habits.OFF, False)
    assert driver.pay(REF, 5).outcome == ACCEPTED
    terminal.wait_idle()


@pytest.mark.parametrize("action", [REFUND, CANCEL])
@pytest.mark.parametrize("habit", EXPECTED)
@pytest.mark.parametrize("pair", [ap, serial])
def test_money_goes_back_by_the_same_rules(pair: Callable[[], tuple], habit: str, action: str) -> None:
    """A credit and an undone payment: said given back only when it was, a doubt when nobody knows."""
    terminal, driver = pair()
    if habit:
        terminal.switch(habit, True)
    said = driver.ask(action, REF, 1250)
    terminal.wait_idle()
    assert (said.outcome, [one.amount for one in terminal.roll()]) == (
        EXPECTED[habit][0], [-1250] if EXPECTED[habit][1] else [],
    )  # fmt: skip


def test_an_answer_to_another_question_is_a_doubt() -> None:
    """A terminal that says it took the money when it was asked to give some back is not believed."""
    line = Script(GOOD, LineDown)
    assert caisse_ap.CaisseAp(lambda: line).ask(REFUND, REF, 1250) == Answer(UNKNOWN, why="odd")
    assert b"CD0011" in line.heard
    undo = Script(GOOD.replace(b"CD0010", b"CD0012"), LineDown)
    assert caisse_ap.CaisseAp(lambda: undo).ask(CANCEL, REF, 1250).outcome == ACCEPTED


def test_what_a_terminal_does_not_do_for_a_till_is_left_to_a_hand() -> None:
    """Forbidden or unknown action: it did nothing, and says so; a refusal for another reason stays one."""
    no = GOOD[:62].replace(b"CD0010", b"CD0011") + b"AE00201"
    for reason, outcome in ((b"AF00212", BY_HAND), (b"AF00205", BY_HAND), (b"AF00204", REFUSED)):
        assert (
            caisse_ap.CaisseAp(lambda reason=reason: Script(no + reason, LineDown)).ask(REFUND, REF, 1250).outcome
            == outcome
        )
    assert concert.Concert(lambda: Script(b"")).ask(COLLECT, REF, 0) == Answer(BY_HAND, why="cannot")
    driver, _none = open_terminal({"kind": "concert", "address": "/dev/ttyACM0", "refunds": False})
    assert driver.does == {PAY}


def test_the_end_of_the_day_is_asked_where_the_protocol_has_it() -> None:
    """Action B without an amount; what the answer adds up to is the terminal's own business."""
    line = Script(b"CZ0040300CA00201CE003978CD001BCB006012345AE00210", LineDown)
    assert caisse_ap.CaisseAp(lambda: line).ask(COLLECT, REF, 0).outcome == ACCEPTED
    assert line.heard == b"CZ0040300CJ012012345678901CA00201CE003978BA0010CD001BCB00200CF010V000012345"


def test_a_network_answer_that_is_no_answer_is_a_doubt() -> None:
    """Bytes out of their records mean nothing."""
    terminal, driver = ap()
    terminal.switch(habits.BAD_CHECK, True)
    assert driver.pay(REF, 1250).outcome == UNKNOWN
    terminal.wait_idle()


def test_settings_are_checked_before_anything_is_opened() -> None:
    """A wrong one is refused with its name; by hand is what needs none."""
    assert open_terminal()[0].pay(REF, 1).outcome == BY_HAND
    for wrong in ({"kind": "fax"}, {"kind": "caisse_ap"}, {"speed": True}, {"line": "5N1"}, {"till": "1"}, {"x": 1}):
        with pytest.raises(BadTerminalSetting):
            open_terminal(wrong)
    assert open_terminal({"kind": "caisse_ap", "address": "192.168.1.60"})[0].linked
    assert open_terminal({"kind": "concert", "address": "/dev/ttyACM0", "line": "7E1", "speed": 1200})[0].linked

"""When an entry was written by HQ's clock, whatever the box's own says (§2.12)."""

import pytest

from hq import moments
from hq.app import create_app
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from hq.wiring import Office
from pos import box as the_box
from pos.clock import StoppedClock
from pos.journal import read_envelope
from pos.store import Store
from sync import agent, trouble
from sync.ingest import entry_body
from tests.cast import open_cafe
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.conftest import JoinCafe
from tests.hq.test_pages import text_of
from tests.sync.test_repair import sales

HOUR = 3_600_000


@pytest.fixture
def box(join: JoinCafe, office: Office, request: pytest.FixtureRequest) -> Store:
    """A café whose box believes that it is two hours later, or another time."""
    made_up.people(office)
    with office.db.writing() as conn:
        number = add_cafe(
            conn,
            Sheet(name="Café", insee="53195", antenna=4, model="managed"),
            by="office",
            now_ms=office.clock.now_ms(),
        )
    store = join(number)
    store.clock = StoppedClock(office.clock.now_ms() + getattr(request, "param", 2 * HOUR))
    open_cafe(store)
    return store


def pass_(office: Office, store: Store, ms: int) -> None:
    """Time goes by at both ends."""
    for clock in (office.clock, store.clock):
        clock.tick(ms)  # type: ignore[attr-defined]


def by_hq(office: Office, store: Store, seq: int) -> moments.Moment:
    """What HQ says of an entry."""
    assert store.journal is not None
    with office.db.reading() as conn:
        body = entry_body(conn, store.journal.cafe, 1, seq)
        assert body is not None
        return moments.by_hq(conn, store.journal.cafe, 1, read_envelope(body))


def test_an_entry_has_hqs_time_once_hqs_word_follows_it(box: Store, office: Office, line: LocalHq) -> None:
    """Ten minutes before HQ's word by the clock that nobody sets; before that word came HQ does not know."""
    sales(box, 1)
    sold, seq = office.clock.now_ms(), box.tip().seq
    pass_(office, box, 600_000)
    agent.push(box, line)
    assert by_hq(office, box, seq) == moments.Moment(None, office.clock.now_ms())
    pass_(office, box, 600_000)
    agent.push(box, line)
    assert by_hq(office, box, seq).exact == sold
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    page = text_of(browser.read(f"/cafes/{box.journal.cafe}/journal/1/{seq}"))  # type: ignore[union-attr]
    assert "à l’heure du siège 20 nov. 2026, 7 h 02" in page
    assert "horloge de la caisse réglée par le réseau" in page


def test_a_word_noted_by_the_next_call_says_nothing_of_the_time(
    box: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box died between the ack and its entry: the next call writes it, hours later; only words of the moment count."""
    sales(box, 1)
    sold, seq = office.clock.now_ms(), box.tip().seq
    with monkeypatch.context() as cut:
        real = agent.Session._note

        def note(self: agent.Session, ack: object, *, opening: bool = False) -> None:
            if not opening:
                raise trouble.HqUnreachable
            real(self, ack, opening=opening)  # type: ignore[arg-type]

        cut.setattr(agent.Session, "_note", note)
        with pytest.raises(trouble.HqUnreachable):
            agent.push(box, line)
    pass_(office, box, 3 * HOUR)
    agent.push(box, line)
    pass_(office, box, 600_000)
    agent.push(box, line)
    assert by_hq(office, box, seq).exact == sold


@pytest.mark.parametrize("box", [60_000], indirect=True)
def test_a_clock_that_is_right_is_not_spoken_of(box: Store, office: Office, line: LocalHq) -> None:
    """A minute off: the page says the till's time alone."""
    sales(box, 1)
    seq = box.tip().seq
    for _ in range(2):
        agent.push(box, line)
        pass_(office, box, 60_000)
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    assert "l’heure du siège" not in text_of(browser.read(f"/cafes/{box.journal.cafe}/journal/1/{seq}"))  # type: ignore[union-attr]


def test_hqs_word_before_an_entry_gives_its_time_as_well(box: Store, office: Office, line: LocalHq) -> None:
    """Called at seven, sold at ten, dead at noon: the box had not stopped between the call and the sale."""
    sales(box, 1)
    agent.push(box, line)
    pass_(office, box, 3 * HOUR)
    sales(box, 1)
    sold, seq = office.clock.now_ms(), box.tip().seq
    pass_(office, box, 2 * HOUR)
    the_box.start(box)
    agent.push(box, line)
    assert by_hq(office, box, seq).exact == sold


def test_a_start_without_a_call_lies_between_its_neighbours(box: Store, office: Office, line: LocalHq) -> None:
    """Sold between two cuts, the line down: after the last entry before the one, before the first after the other."""
    sales(box, 1)
    agent.push(box, line)
    pass_(office, box, HOUR)
    sales(box, 1)
    last_before = office.clock.now_ms()
    pass_(office, box, HOUR)
    the_box.start(box)
    sales(box, 1)
    sold, seq = office.clock.now_ms(), box.tip().seq
    pass_(office, box, HOUR)
    the_box.start(box)
    first_after = office.clock.now_ms()
    pass_(office, box, HOUR)
    agent.push(box, line)
    # Its batch came before HQ's word did: no earlier bound yet than when it came.
    assert by_hq(office, box, seq) == moments.Moment(last_before, office.clock.now_ms())
    pass_(office, box, HOUR)
    agent.push(box, line)
    assert by_hq(office, box, seq) == moments.Moment(last_before, first_after)
    assert last_before < sold < first_after
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    page = text_of(browser.read(f"/cafes/{box.journal.cafe}/journal/1/{seq}"))  # type: ignore[union-attr]
    assert "à l’heure du siège entre le 20 nov. 2026, 8 h 02 et le 20 nov. 2026, 10 h 02" in page


@pytest.mark.parametrize(
    ("moment", "t", "off"),
    [
        (moments.Moment(10, 10), 7, 3), (moments.Moment(10, 10), 14, 4), (moments.Moment(10, 20), 15, 0),
        (moments.Moment(None, 20), 25, 5), (moments.Moment(10, None), 4, 6), (moments.Moment(None, None), 4, 0),
    ],
)  # fmt: skip
def test_a_clock_is_off_by_what_lies_outside(moment: moments.Moment, t: int, off: int) -> None:
    """Within what HQ knows a till's time is believed."""
    assert moment.off(t) == off

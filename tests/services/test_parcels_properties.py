"""What must hold for parcels whatever happens: tables are the journal, one use a visit, nothing personal."""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pos.clock import StoppedClock
from pos.errors import Refusal
from pos.services.parcels import desk, reading, terms, words
from pos.services.parcels.tables import HANDED, OUT, STORED
from pos.till import uses
from tests.conftest import open_test_store

CARRIERS = ("mondial-relay", "pickup", "ups")
CANARY = "Zéphyrine Canari"
CODES = tuple(f"9753186{n}" for n in range(10))
WHICH = st.integers(0, 30)
STATES = {
    "stored",
    "handed",
    "returned",
    "refused",
    "missing",
    "lost",
    "refused_at_intake",
    "out",
    "given",
    "taken_back",
}


class Relay(RuleBasedStateMachine):
    """A relay where anybody may try anything, in any order."""

    @initialize()
    def open_the_cafe(self) -> None:
        """A café with three carriers."""
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StoppedClock("2026-11-02T09:00:00+01:00")
        self.store = open_test_store(Path(self.folder.name) / "cafe.db", self.clock)
        for carrier in CARRIERS:
            desk.set_carrier(self.store, by="g1", carrier=carrier, pay_handed=35)

    def teardown(self) -> None:
        """Compare with a retelling, look for the canary, close."""
        if hasattr(self, "store"):
            assert self.store.tables_that_differ() == []
            with self.store.reading() as conn:
                bodies = b"".join(row[0] for row in conn.execute("SELECT body FROM journal_entry"))
            for canary in ("phyrine", "Canari", "9753186"):
                assert canary.encode() not in bodies
            self.store.close()
            self.folder.cleanup()

    def attempt(self, act: object, **given: object) -> None:
        """Do an act; it is recorded or refused with a sentence and a remedy, never both."""
        before = self.store.tip().seq
        try:
            act(self.store, by="g1", **given)  # type: ignore[operator]
        except Refusal as no:
            assert no.what()
            assert no.how()
            assert self.store.tip().seq == before

    def any_parcel(self, which: int) -> str:
        """One of the parcels in the order they came, or a number nobody bears."""
        with self.store.reading() as conn:
            every = [row[0] for row in conn.execute("SELECT parcel_id FROM parcel ORDER BY came_at, came_seq")]
        every += CODES[:2]
        return every[which % len(every)]

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        """Hours or days."""
        self.clock.tick(int(timedelta(hours=hours).total_seconds() * 1000))

    @rule(carrier=st.sampled_from(CARRIERS), n=st.integers(-1, 4))
    def a_driver_comes(self, carrier: str, n: int) -> None:
        """A delivery opens."""
        self.attempt(desk.open_delivery, carrier=carrier, announced=n)

    @rule(
        code=st.sampled_from((*CODES, "", "RB123456786US")),
        carrier=st.sampled_from((*CARRIERS, "", "gls")),
        twin=st.booleans(),
    )
    def a_label_is_read(self, code: str, carrier: str, *, twin: bool) -> None:
        """Taken in, or asked again."""
        self.attempt(desk.receive, code=code, carrier=carrier, name=CANARY, twin=twin)

    @rule(
        which=st.lists(WHICH, min_size=1, max_size=3),
        proof=st.sampled_from(sorted(terms.PROOFS)),
        third=st.booleans(),
        visit=st.sampled_from(("", "v1", "v2")),
    )
    def somebody_comes(self, which: list[int], proof: str, visit: str, *, third: bool) -> None:
        """Hands over, if the rules of the carrier let it."""
        several = [self.any_parcel(one) for one in which]
        self.attempt(desk.hand_over, parcels=several, proof=proof, third_party=third, visit=visit)

    @rule(
        which=WHICH, what=st.sampled_from(("undo_hand_over", "mark_missing", "mark_found", "declare_lost", "take_back"))
    )
    def something_happens(self, which: int, what: str) -> None:
        """Undone, missing, found, lost, taken back."""
        self.attempt(getattr(desk, what), parcel=self.any_parcel(which))

    @rule(which=WHICH, reason=st.sampled_from(sorted(words.RECIPIENT_REASONS)))
    def it_is_refused(self, which: int, reason: str) -> None:
        """Refused by its recipient."""
        self.attempt(desk.refuse_by_recipient, parcel=self.any_parcel(which), reason=reason)

    @rule(which=WHICH, place=st.sampled_from(("A1", "F", CANARY)))
    def it_is_moved(self, which: int, place: str) -> None:
        """Put elsewhere."""
        self.attempt(desk.place, parcel=self.any_parcel(which), place=place)

    @rule(code=st.sampled_from(CODES), carrier=st.sampled_from(CARRIERS), visit=st.sampled_from(("", "v1")))
    def a_sender_comes(self, code: str, carrier: str, visit: str) -> None:
        """A parcel is dropped off."""
        self.attempt(desk.drop_off, code=code, carrier=carrier, visit=visit, name=CANARY)

    @rule(carrier=st.sampled_from(CARRIERS), recalled=st.booleans(), which=WHICH)
    def the_driver_leaves(self, carrier: str, which: int, *, recalled: bool) -> None:
        """With returns, senders' parcels, and the delivery closed."""
        self.attempt(
            desk.return_to_driver,
            carrier=carrier,
            parcels=[self.any_parcel(which)] if recalled else (),
            recalled=recalled,
        )
        self.attempt(desk.give_to_driver, carrier=carrier)
        self.attempt(desk.close_delivery, carrier=carrier, accept_difference=True)

    @rule(handed=st.integers(0, 9), customers=st.integers(-1, 12))
    def totals_are_typed(self, handed: int, customers: int) -> None:
        """A day in totals."""
        self.attempt(desk.count_only, carrier="ups", arrived=9, handed=handed, dropped=1, customers=customers)

    @invariant()
    def one_use_a_visit(self) -> None:
        """Uses of the day are visits with a parcel, and customers typed: never more, never negative."""
        if not hasattr(self, "store"):
            return
        with self.store.reading() as conn:
            for (told,) in conn.execute("SELECT DISTINCT left_on FROM parcel WHERE left_on <> ''").fetchall():
                assert uses.of_day(conn, told).get("parcel", 0) >= 0
            net = conn.execute(
                "SELECT visit, sum(n) FROM use_visit WHERE service = 'parcel' AND aggregated = 0 GROUP BY visit"
            ).fetchall()
            assert all(row[1] in (0, 1) for row in net)
            states = {row[0] for row in conn.execute("SELECT DISTINCT state FROM parcel")}
            assert states <= STATES
            for parcel in (reading.Parcel(*row) for row in conn.execute("SELECT * FROM parcel")):
                assert (parcel.state in (STORED, OUT, "refused", "missing")) == (parcel.left_on == "")
                assert bool(parcel.proof) == (parcel.state == HANDED)


Relay.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestRelay = Relay.TestCase
TestRelay.__doc__ = "Any mix of acts: retelling equals the live tables, a visit counts once, no canary in the journal."

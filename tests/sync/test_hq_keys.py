"""HQ renews its own key: boxes follow what the old one announced, what it signed still stands, nobody goes back."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from hq import archives, audit, enrolment, keys, log_archive, log_verifier, publishing
from hq.access import OFFICE
from hq.acts import acts
from hq.cli import main
from hq.config import Config
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from hq.wiring import open_office
from pos import drafts, hq_keys
from pos.archive import verifier
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.house import FEATURES
from pos.hq_keys import Step
from pos.seal import Keyring
from pos.store import Store
from pos.till import close
from sync import (
    ackfile,
    agent,
    attestation,
    enrol,
    found_copy,
    hqkeys,
    published,
    rebuild,
    repair,
    restore,
    trouble,
    wire,
)
from sync.line import Answer, Line
from sync.manifest import MANIFEST, Signed
from tests.cast import open_cafe
from tests.conftest import MORNING, key_of
from tests.sync.coming_down import Bad, applied, say, titles, troubles
from tests.sync.test_repair import PRICE, at_hq, sales, sold

CAFE = 17
DAY = 24 * 3_600_000


class Village:
    """An HQ with files of its own, stopped and started, and a café's box."""

    def __init__(self, folder: Path) -> None:
        self.clock = StoppedClock(MORNING)
        self.config = Config(data=folder, database=f"sqlite:///{folder / 'hq.db'}")
        self.start()
        with self.office.db.writing() as conn:
            sheet = Sheet(
                name="Café", insee="53195", antenna=4, model="managed", consent_on="2026-01-01", consent_source="x"
            )
            add_cafe(conn, sheet, by="t", now_ms=self.clock.now_ms(), cafe_id=CAFE)
        self.folder = folder
        self.box = self.new_box("box", enrolment.NEW)
        open_cafe(self.box)

    def start(self) -> None:
        """Start HQ, anew."""
        self.office = open_office(self.config, clock=self.clock)
        self.line = LocalHq(self.office)

    def new_box(self, name: str, purpose: str) -> Store:
        """A box that joined, its check number heard."""
        store = Store(self.folder / f"{name}.db", clock=self.clock, keyring=Keyring.load_or_make(self.folder / f"{name}.key"),
                      features=FEATURES)  # fmt: skip
        repair.reopen(store, self.line, self.code(purpose), hw="test")
        self.confirm()
        return store

    def code(self, purpose: str) -> str:
        with self.office.db.writing() as conn:
            return str(enrolment.make_code(conn, CAFE, purpose, by="t", at=self.clock.now_ms()))

    def confirm(self) -> None:
        with self.office.db.writing() as conn:
            enrolment.confirm(conn, CAFE, enrolment.boxes(conn, CAFE)[-1].jn, by="t", at=self.clock.now_ms())

    def rotate(self) -> bytes:
        """Stop HQ, renew its key, start it; return the key before."""
        before = self.office.keyring
        new = keys.rotate(self.config, self.office.db, self.office.secret, typed=before.kid, why="départ", by="t",
                          now_ms=self.clock.now_ms())  # fmt: skip
        self.office.close()
        self.start()
        assert self.office.keyring.kid == new != before.kid
        self.clock.tick(1000)
        return before.public


@pytest.fixture
def village(tmp_path: Path) -> Village:
    """A café with three sales at HQ, and a checkpoint it knows."""
    made = Village(tmp_path)
    sales(made.box, 3)
    agent.push(made.box, made.line)
    agent.push(made.box, made.line)
    return made


def followed(store: Store) -> list[bytes]:
    """The keys of HQ this box trusts, in order."""
    assert store.journal is not None
    return hqkeys.keys(store, store.journal)


def test_a_box_follows_the_new_key_and_old_acks_still_verify(village: Village) -> None:
    """In one call: the step is an entry, the ack is the new key's; the ack before stands, the manifest names the keys."""
    say(village.office, urgent=True)
    agent.push(village.box, village.line)
    old_ack = ackfile.last(village.box)
    first, secret = village.rotate(), village.office.secret
    assert check_everything(village.box).findings == ()
    sales(village.box, 1)
    agent.push(village.box, village.line)
    ack = ackfile.last(village.box)
    assert old_ack is not None
    assert ack is not None
    assert (old_ack.hq_key, ack.hq_key) == (first.hex(), village.office.keyring.public.hex())
    assert followed(village.box) == [first, village.office.keyring.public]
    assert ("hqkeys", 1) in applied(village.box)
    assert titles(village.box) == ["Livraison décalée"]
    before = village.box.tip().seq
    second = village.rotate()
    agent.push(village.box, village.line)
    assert followed(village.box) == [first, second, village.office.keyring.public]
    assert ("hqkeys", 2) in applied(village.box)
    assert village.office.secret == secret
    assert village.box.tip().seq <= before + 5
    assert (at_hq(village.office), sold(village.box)) == ((4, 4 * PRICE), (4, 4 * PRICE))
    assert check_everything(village.box).findings == ()
    assert audit.check(village.office).faults == []
    assert village.box.tables_that_differ() == []
    with village.office.db.reading() as conn:
        assert [one["by"] for one in acts(conn, act="hq_key.rotated")] == ["t", "t"]


def test_a_box_away_for_two_renewals_follows_both_at_once(village: Village) -> None:
    """Offline for a year: its next call shows both steps, in order."""
    first, second = village.rotate(), village.rotate()
    sales(village.box, 1)
    agent.push(village.box, village.line)
    assert followed(village.box) == [first, second, village.office.keyring.public]
    assert agent.status(village.box).state == "normal"


def test_nobody_goes_back_to_a_key_that_was_left(village: Village) -> None:
    """An ack or a manifest under the old key is refused once the new one was followed; so is a second successor of it."""
    thief = Keyring((village.config.key_file).read_bytes() and bytes.fromhex(village.config.key_file.read_text()))
    village.rotate()
    agent.push(village.box, village.line)
    known = followed(village.box)
    other = hq_keys.make(thief, key_of("stranger"), n=2, at=1)
    assert village.box.journal is not None
    good, strange = (
        hq_keys.make(thief, village.office.keyring, n=2, at=1),
        hq_keys.make(key_of("a"), key_of("b"), n=2, at=1),
    )
    for shown in ([good, strange], [other], [other]):
        assert hqkeys.learn(village.box, village.box.journal, shown) == known[-1]
    assert followed(village.box) == known
    with village.box.reading() as conn:
        told = [bytes(body) for (body,) in conn.execute("SELECT body FROM journal_entry") if b'"what":"hq_key"' in body]
    assert [f'"2 {key_of("stranger").public.hex()[:16]}"'.encode() in body for body in told] == [True], "said once"
    village.office.keyring = thief
    sales(village.box, 1)
    with pytest.raises(trouble.HqTalksRubbish):
        agent.push(village.box, village.line)
    village.office.close()
    village.start()
    agent.push(village.box, village.line)
    say(village.office, urgent=True)

    def signed_by_the_thief(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if "manifest" not in path:
            return answer
        text = msgspec.json.decode(answer.body, type=Signed).manifest
        return Answer(200, wire.dump(Signed(text, thief.sign(MANIFEST, text.encode()).hex())))

    agent.push(village.box, Line(Bad(village.office, signed_by_the_thief)))
    assert titles(village.box) == []
    assert troubles(village.box) == ["bad_signature"]


def test_a_step_that_does_not_hold_leads_nowhere(village: Village) -> None:
    """A changed statement, one signature missing, a stranger's step, hexadecimals in capitals, a circle."""
    old, new, stranger = key_of("a"), key_of("b"), key_of("c")
    good = hq_keys.make(old, new, n=2, at=5)
    told = hq_keys.read(good)
    assert told is not None
    bad = [
        msgspec.structs.replace(good, statement=good.statement.replace('"n":2', '"n":3')),
        msgspec.structs.replace(good, sig=good.pop), msgspec.structs.replace(good, pop=good.sig),
        msgspec.structs.replace(good, sig="zz"), Step(statement="{", sig="", pop=""),
        msgspec.structs.replace(good, statement=good.statement.replace(told.key, told.key.upper())),
    ]  # fmt: skip
    assert [hq_keys.read(one) for one in bad] == [None] * len(bad)
    assert hq_keys.onward(old.public, [*bad, hq_keys.make(stranger, new, n=2, at=5)]) == []
    back = hq_keys.make(new, old, n=3, at=6)
    assert [one.key for one, _step in hq_keys.onward(old.public, [back, good])] == [new.public.hex()]
    assert hq_keys.before(new.public, [good, back]) == [old.public, new.public]
    with village.box.writing(by="box") as tx:
        tx.conn.execute("INSERT INTO network_hq_key VALUES (?, ?, 2, 0)", (old.public.hex(), new.public.hex()))
        tx.conn.execute("INSERT INTO network_hq_key VALUES (?, ?, 3, 0)", (new.public.hex(), old.public.hex()))
        assert hq_keys.trusted(tx.conn, old.public) == [old.public, new.public]
        tx.conn.execute("DROP TABLE network_hq_key")
        assert hq_keys.trusted(tx.conn, old.public) == [old.public]
        tx.conn.execute("ROLLBACK")
        tx.conn.execute("BEGIN")


@given(n=st.integers(0, 6), shuffle=st.randoms(use_true_random=False))
def test_steps_lead_on_in_whatever_order_they_come(n: int, shuffle: object) -> None:
    """From the first key to the last, and back from the last to the first."""
    rings = [key_of(f"k{i}") for i in range(n + 1)]
    steps = [hq_keys.make(a, b, n=i + 2, at=i) for i, (a, b) in enumerate(itertools.pairwise(rings))]
    shuffle.shuffle(steps)  # type: ignore[attr-defined]
    assert [one.key for one, _step in hq_keys.onward(rings[0].public, steps)] == [one.public.hex() for one in rings[1:]]
    assert hq_keys.before(rings[-1].public, steps) == [one.public for one in rings]


def test_boxes_join_change_keys_and_are_repaired_under_the_new_key(village: Village) -> None:
    """A box's own new key, a repair and a new café after the renewal: each journal bears the key that granted it."""
    first = village.rotate()
    with village.office.db.writing() as conn:
        enrolment.ask_rotation(conn, CAFE)
    agent.push(village.box, village.line)
    assert [one.hq_key for one in village.box.journals()] == [first, village.office.keyring.public]
    sales(village.box, 1)
    repair.reopen(village.box, village.line, village.code(enrolment.REPAIR), hw="test")
    agent.push(village.box, village.line)
    agent.push(village.box, village.line)
    assert at_hq(village.office) == (4, 4 * PRICE)
    assert check_everything(village.box).findings == ()


def test_a_cafe_comes_back_from_hq_whatever_key_granted_its_journals(village: Village, tmp_path: Path) -> None:
    """The dead box was granted under the old key; the new one learns how HQ came to the one it knows; a late stick too."""
    sales(village.box, 2)
    village.box._writer.execute("VACUUM INTO ?", (str(tmp_path / "stick.db"),))
    first = village.rotate()
    fresh = Store(tmp_path / "new.db", clock=village.clock, keyring=key_of("new"), features=FEATURES)
    told = enrol.enrol(fresh, village.line, village.code(enrolment.REPLACE), hw="test")
    village.confirm()
    brought = restore.fetch(fresh, village.line, told, tmp_path / "coming.db")
    back = rebuild.build(tmp_path / "coming.db", brought, told, tmp_path / "back.db", fresh)
    repair.follow(back, village.line, told)
    assert [one.hq_key for one in back.journals()] == [first, village.office.keyring.public]
    found_copy.take(back, tmp_path / "stick.db", by="g1")
    agent.push(back, village.line)
    agent.push(back, village.line)
    assert at_hq(village.office) == (5, 5 * PRICE)
    assert check_everything(back).findings == ()
    back.close()
    fresh.close()


def test_an_hq_that_forgot_a_grant_takes_it_back_under_its_former_key(village: Village, tmp_path: Path) -> None:
    """Put back from an empty backup after the renewal: the box shows a grant the old key signed, and is known again."""
    village.rotate()
    agent.push(village.box, village.line)
    village.office.close()
    (tmp_path / "hq.db").unlink()
    village.start()
    agent.push(village.box, village.line)
    assert at_hq(village.office) == (3, 3 * PRICE)
    with village.office.db.reading() as conn:
        assert [one["by"] for one in acts(conn, act="hq_key.rotated")] == ["office"]
    strange = Store(tmp_path / "s.db", clock=village.clock, keyring=key_of("s"), features=FEATURES)
    grant, sig = wire.make_grant(key_of("stranger"), cafe=CAFE, box_key=strange.keyring.public, n=9, issued=9)
    strange.open_journal(grant=grant, signature=sig, hq_key=key_of("stranger").public)
    with pytest.raises(trouble.BoxUnknown):
        agent.push(strange, village.line)
    strange.close()


def test_a_power_cut_within_a_renewal_leaves_one_key(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced and not yet in its place, in its place and not yet in the database: a start ends it."""
    old = village.office.keyring
    real = keys.load

    def cut(_config: Config) -> object:
        if (village.config.data / keys.FILE).exists():
            raise KeyboardInterrupt
        return real(_config)

    with monkeypatch.context() as patch:
        patch.setattr(keys, "load", cut)
        with pytest.raises(KeyboardInterrupt):
            keys.rotate(
                village.config, village.office.db, village.office.secret, typed=old.kid, why="x", by="t", now_ms=1
            )
    assert bytes.fromhex(village.config.key_file.read_text()) == bytes(old._key)
    village.office.close()
    village.start()
    assert village.office.keyring.public != old.public
    assert village.office.former == [old.public]
    agent.push(village.box, village.line)
    assert followed(village.box)[-1] == village.office.keyring.public


def test_an_older_key_put_back_announces_nothing_beyond_itself(village: Village) -> None:
    """A key file of last year beside this year's list: no box is led to a key HQ does not have."""
    first = village.config.key_file.read_text()
    village.rotate()
    village.office.close()
    village.config.key_file.write_text(first)
    village.start()
    assert village.office.steps == ()
    assert village.office.former == []
    agent.push(village.box, village.line)
    assert len(followed(village.box)) == 1


def test_after_hqs_key_is_lost_a_box_goes_on_with_a_code(village: Village) -> None:
    """HQ names the lost key and makes another: the box believes it with a code, each sale counts once."""
    lost = village.office.keyring.kid
    village.office.close()
    village.config.key_file.unlink()
    village.config = replace(village.config, lost_key=lost)
    village.start()
    sales(village.box, 2)
    with pytest.raises(SyncTrouble):
        agent.push(village.box, village.line)
    repair.reopen(village.box, village.line, village.code(enrolment.REPAIR), hw="test")
    village.confirm()
    agent.push(village.box, village.line)
    assert at_hq(village.office) == (5, 5 * PRICE)
    assert check_everything(village.box).findings == ()


def test_hqs_log_goes_on_under_the_new_key(village: Village, tmp_path: Path) -> None:
    """Its name stays, the box finds it whole, an auditor checks checkpoints of both keys."""
    with village.office.db.writing() as conn:
        publishing.publish(village.office, conn)
    agent.push(village.box, village.line)
    origin = publishing.origin_of(village.office)
    village.rotate()
    assert publishing.origin_of(village.office) == origin
    # The box follows the new key while the newest checkpoint is still the old one's.
    agent.push(village.box, village.line)
    for _night in range(2):
        close.close_day(village.box, counted=15_000, by="g1")
        village.clock.tick(DAY)
        close.open_day(village.box, 15_000, by="g1")
        sales(village.box, 1)
        agent.push(village.box, village.line)
    agent.push(village.box, village.line)
    assert published.kept(village.box).doubts == []
    known = published.kept(village.box).known
    assert known is not None
    assert known.hq_key == village.office.keyring.public.hex()
    with village.office.db.reading() as conn:
        assert log_archive.verify(village.office, conn) == []
        log_archive.export(village.office, conn, tmp_path / "log")
    assert log_verifier.main([str(tmp_path / "log")]) == 0
    assert log_verifier.main([str(tmp_path / "log"), "--key", village.office.keyring.public.hex()]) == 1
    both = [word for key in (village.office.keyring.public, *village.office.former) for word in ("--key", key.hex())]
    assert log_verifier.main([str(tmp_path / "log"), *both]) == 0
    assert (tmp_path / "log" / log_archive.FORMER_KEY.format(1)).exists()


def test_hqs_archive_and_attestation_stand_across_keys(village: Village, tmp_path: Path) -> None:
    """An archive signed by the new key over journals granted by the old one is checked by a stranger."""
    close.close_day(village.box, counted=15_000, by="g1")
    agent.push(village.box, village.line)
    village.rotate()
    village.clock.tick(40 * DAY)
    name, data = archives.make(village.office, OFFICE, CAFE, "2026-11")
    (tmp_path / name).write_bytes(data)
    assert verifier.main([str(tmp_path / name)]) == 0


def test_the_command_shows_the_key_and_renews_it_when_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key in force is named, with a reason; otherwise nothing is done and the sentence says which key it is."""
    monkeypatch.setenv("ZINC_DATA", str(tmp_path))
    monkeypatch.delenv("ZINC_HQ_DATABASE", raising=False)
    run = CliRunner()
    kid = run.invoke(main, ["key"]).output.split(":")[1].split()[0]
    for words in (["nothing", "--why", "x"], [kid]):
        refused = run.invoke(main, ["key", "rotate", *words])
        assert (refused.exit_code, kid in refused.output) == (1, True)
    assert run.invoke(main, ["key", "rotate", kid, "--why", "départ"]).exit_code == 0
    shown = run.invoke(main, ["key"]).output
    assert kid in shown.split("\n")[0]
    assert kid not in shown.split("\n")[1]


def test_an_attestation_of_the_old_key_is_still_good(village: Village) -> None:
    """It was signed for the version that runs; a renewal asks for no new one."""
    assert village.box.journal is not None
    text = "{}"
    sig = village.office.keyring.sign(attestation.DOMAIN, text.encode()).hex()
    with village.box.writing(by="box") as tx:
        drafts.put(tx.conn, attestation.DRAFT, {"body": text, "sig": sig})
    village.rotate()
    agent.push(village.box, village.line)
    assert attestation.kept(village.box) is not None
    with village.box.writing(by="box") as tx:
        drafts.put(tx.conn, attestation.DRAFT, {"body": text + " ", "sig": sig})
    assert attestation.kept(village.box) is None

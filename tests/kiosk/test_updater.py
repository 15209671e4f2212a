"""Two slots: a signed release goes into the idle one, is tried, kept or sent back; a cut at any step starts."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from kiosk import updater
from kiosk.updater import acts, release, slots
from kiosk.updater.release import No
from kiosk.updater.slots import Box
from tools.release import new_key, sign

OLD, NEW = "0.1.0", "0.2.0"
SERVICE = """#!/bin/sh
echo "$1" >> "{root}/service"
n=$(cat "{root}/head" 2>/dev/null || echo 0)
echo $((n + 1)) > "{root}/head"
"""
ZINC = '#!/bin/sh\necho "$@" >> "$(dirname "$0")/asked"\nexit {code}\n'


def fill(slot: Path, version: str, *, code: int = 0) -> None:
    """Make a slot as an environment would look: a release to read, a command to try."""
    site = slot / "lib" / "python3.11" / "site-packages"
    for folder in (site / "pos", site / "kiosk" / "updater", slot / "bin"):
        folder.mkdir(parents=True, exist_ok=True)
    (site / "pos" / "release.py").write_text(f'VERSION = "{version}"\nFISCAL_VERSION = "F0.1"\n')
    (site / "kiosk" / "updater" / "acts.py").write_text(version)
    (slot / "bin" / "zinc").write_text(ZINC.format(code=code))
    (slot / "bin" / "zinc").chmod(0o755)


class Kiosk:
    """A till that answers what the slot it runs from would: its version, an entry more at each start."""

    def __init__(self, root: Path) -> None:
        self.root, self.dumb, self.stuck = root, set[str](), False
        self.running, self.started = "", 0
        self.state: dict[str, Any] = {"day_open": False, "quiet_s": 9999}
        kiosk = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                version = kiosk.version()
                told = kiosk.state | {"version": version, "head": 0 if kiosk.stuck else kiosk.head()}
                self.send_response(500 if version in kiosk.dumb else 200)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *_said: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}/healthz"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def version(self) -> str:
        """Return what runs: what was told, until the service is started again."""
        started = (self.root / "service").read_text().count("\n") if (self.root / "service").exists() else 0
        if self.running and started != self.started:
            self.running = ""
        self.started = started
        return self.running or slots.release_of(self.root / "opt" / "zinc" / "current")[0]

    def head(self) -> int:
        """Return how often it was started."""
        file = self.root / "head"
        return int(file.read_text() or 0) if file.exists() else 0


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """A till that answers."""
    kiosk = Kiosk(tmp_path)
    yield kiosk
    kiosk.server.shutdown()
    kiosk.server.server_close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The publisher's private key."""
    (tmp_path / "publisher").mkdir()
    return tmp_path / "publisher" / "release.key"


@pytest.fixture
def box(tmp_path: Path, kiosk: Kiosk, key: Path) -> Box:
    """A box with a release in slot a, that knows the publisher."""
    service = tmp_path / "systemctl"
    service.write_text(SERVICE.format(root=tmp_path))
    service.chmod(0o755)
    box = Box(
        root=tmp_path, systemctl=(str(service),), url=kiosk.url, deadline_s=0.15, poll_s=0.01, user="nobody-here",
        make=lambda slot, _wheels, _wanted: fill(slot, NEW),
    )  # fmt: skip
    fill(box.slot("a"), OLD)
    (box.slot("a") / slots.STAMP).touch()
    slots.point(box, "a")
    box.keys.parent.mkdir(parents=True)
    box.keys.write_text(f"# the publisher\n{new_key(key)}\n")
    box.data.mkdir(parents=True)
    (box.data / "cafe.db").touch()
    return box


def bundle(key: Path, *, version: str = NEW, least: str = OLD, machine: str = "any", urgent: bool = False) -> Path:
    """Make a signed release of one small wheel."""
    wheels = key.parent / "wheels"
    wheels.mkdir(exist_ok=True)
    (wheels / f"zinc-{NEW}-py3-none-any.whl").write_bytes(b"wheel " * 200)
    return sign(
        wheels, key, key.parent / "release.zip", version=version, fiscal="F0.1", least=least, machine=machine,
        python="any", urgent=urgent,
    )  # fmt: skip


def refused(box: Box, file: Path, **asked: bool) -> str:
    """Return the code of the refusal; what runs was left alone."""
    with pytest.raises(No) as no:
        acts.install(box, file, **asked)
    assert slots.release_of(box.app / "current")[0] == OLD
    assert slots.told(box)["state"] == "refused"
    return no.value.code


def test_a_signed_release_is_installed_beside_tried_and_switched_on(box: Box, key: Path) -> None:
    """The other slot runs it; the former stays whole; the updater beside the slots is the new one's."""
    assert acts.install(box, bundle(key)) == NEW
    assert (box.active(), slots.told(box)["state"], slots.told(box)["was"]) == ("b", "good", OLD)
    assert slots.is_whole(box, "a")
    assert slots.is_whole(box, "b")
    assert "trial" in (box.slot("b") / "bin" / "asked").read_text()
    assert (box.app / "updater" / "acts.py").read_text() == NEW
    assert (box.app / "kept" / "cafe.db").exists()
    assert not (box.app / "trial").exists()


def test_a_release_is_believed_only_by_the_publisher_s_signature(box: Box, key: Path, tmp_path: Path) -> None:
    """Unsigned, signed by another, or no key on the box: nothing is even unpacked."""
    assert refused(box, bundle(_other_key(tmp_path))) == "unsigned"
    file = bundle(key)
    box.keys.unlink()
    assert refused(box, file) == "no_key"
    assert not box.slot("b").exists()


def _other_key(folder: Path) -> Path:
    (folder / "stranger").mkdir()
    new_key(folder / "stranger" / "release.key")
    return folder / "stranger" / "release.key"


def test_every_region_of_a_spoilt_release_is_refused(box: Box, key: Path) -> None:
    """A byte changed anywhere, or a cut anywhere, is found before the slot can run."""
    whole = bundle(key).read_bytes()
    spoilt = key.parent / "spoilt.zip"
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        spoilt.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            packed = zipfile.ZipFile(spoilt)
            with packed:
                manifest = release.read_manifest(box.keys, packed)
                release.unpack(packed, manifest, key.parent / f"out{place}")
        except (No, zipfile.BadZipFile, OSError):
            continue
        # What a zip says twice may differ in the half nobody reads: what was read is what was signed.
        assert [hashlib.sha256((key.parent / f"out{place}" / name).read_bytes()).hexdigest() for name in manifest["files"]] == list(
            manifest["files"].values()
        )  # fmt: skip
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        spoilt.write_bytes(whole[:cut])
        assert refused(box, spoilt) == "not_a_release"


def test_a_file_that_was_changed_after_the_signature_is_named(box: Box, key: Path) -> None:
    """The refusal says which file is not the one that was signed."""
    file = bundle(key)
    with zipfile.ZipFile(file) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(file, "w") as packed:
        for name, data in held.items():
            packed.writestr(name, data + b"!" if name.endswith(".whl") else data)
    assert refused(box, file) == "altered"
    assert "zinc-0.2.0" in str(slots.told(box)["params"])
    assert acts.install(box, bundle(key)) == NEW


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"version": "0.0.9"}, "older"), ({"version": OLD}, "older"), ({"least": "0.1.5"}, "step_missing"),
        ({"machine": "riscv64"}, "platform"), ({"version": "0.2.0; rm"}, "not_a_release"),
    ],
)  # fmt: skip
def test_an_older_or_foreign_release_is_refused(box: Box, key: Path, told: dict[str, str], code: str) -> None:
    """Never backwards, never for another machine, never past a step; the sentence can be said."""
    assert refused(box, bundle(key, **told)) == code  # type: ignore[arg-type]
    assert No(code, **slots.told(box)["params"]).args


def test_the_counter_is_not_disturbed(box: Box, key: Path, kiosk: Kiosk) -> None:
    """A day that is open waits, an urgent release too while somebody sells; `--now` is for a person who knows."""
    kiosk.state |= {"day_open": True}
    assert refused(box, bundle(key)) == "busy"
    kiosk.state |= {"quiet_s": 20}
    assert refused(box, bundle(key, urgent=True)) == "busy"
    kiosk.state |= {"quiet_s": 4000}
    assert acts.install(box, bundle(key, urgent=True)) == NEW


def test_a_release_that_fails_its_trial_is_never_switched_on(box: Box, key: Path) -> None:
    """The copy of the data is for that: the one that runs was not even stopped."""
    box = replace(box, make=lambda slot, _wheels, _wanted: fill(slot, NEW, code=1))
    assert refused(box, bundle(key)) == "smoke"
    assert not (box.root / "service").exists()
    assert not slots.is_whole(box, "b")


@pytest.mark.parametrize("trouble", ["no_answer", "no_entry"])
def test_a_release_that_does_not_serve_goes_back_by_itself(box: Box, key: Path, kiosk: Kiosk, trouble: str) -> None:
    """The former release runs again, it is said, and the same release is not tried again by itself."""
    kiosk.dumb, kiosk.stuck = ({NEW}, False) if trouble == "no_answer" else (set(), True)
    with pytest.raises(No) as no:
        acts.install(box, bundle(key))
    assert no.value.code == trouble
    assert (box.active(), slots.told(box)["state"], slots.told(box)["came_back"]) == ("a", "returned", [NEW])
    kiosk.dumb, kiosk.stuck = set(), False
    assert refused(box, bundle(key)) == "came_back"
    assert acts.install(box, bundle(key), again=True) == NEW


def test_a_release_that_stops_again_and_again_goes_back(box: Box, key: Path) -> None:
    """Three starts without a sign of life are the last; one that lived starts the count anew; no clock is asked."""
    acts.install(box, bundle(key))
    for _start in range(2 * acts.STARTS_MAX):
        acts.starting(box)
        (box.data / "alive").touch()
    assert box.active() == "b"
    for _start in range(acts.STARTS_MAX + 1):
        assert box.active() == "b"
        acts.starting(box)
    assert (box.active(), slots.told(box)["state"], slots.told(box)["code"]) == ("a", "returned", "crashed")
    for _start in range(3 * acts.STARTS_MAX):
        acts.starting(box)
    assert box.active() == "a"  # the other came back from there: nothing better is known


def test_a_plug_pulled_again_and_again_is_no_fault_of_the_release(box: Box, key: Path) -> None:
    """Cut within seconds of each start, the box keeps its release; one that stops by itself goes back all the same."""
    acts.install(box, bundle(key))
    boot = box.root / "proc/sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True)
    for cut in range(3 * acts.STARTS_MAX):
        boot.write_text(f"start-{cut}\n")
        acts.starting(box)
    assert (box.active(), slots.told(box).get("came_back", [])) == ("b", [])
    for _start in range(acts.STARTS_MAX):
        acts.starting(box)
    assert (box.active(), slots.told(box)["came_back"]) == ("a", [NEW])


def test_a_spoilt_record_of_updates_stops_no_start(box: Box) -> None:
    """Whatever is in the small files, the kiosk starts."""
    (box.app / "update.json").write_text("{")
    (box.app / "starts").write_text("many")
    acts.starting(box)
    assert box.active() == "a"


def run_and_die(box: Box, file: Path, at: str) -> int:
    """Install in a process that is killed, as by a power cut, before the step named."""

    def step(name: str) -> None:
        if name == at:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        try:
            acts.install(replace(box, step=step), file)
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


STEPS = (
    "check", "mark", "clear", "unpack", "make", "copy", "trial", "whole", "keep", "tell", "swap", "restart", "health",
    "good", "returning", "back", "restart back",
)  # fmt: skip


@pytest.mark.parametrize("at", STEPS)
def test_a_power_cut_at_each_step_leaves_a_slot_that_starts(box: Box, key: Path, kiosk: Kiosk, at: str) -> None:
    """Killed there, started again: what `current` names is whole, and the update can be ended or begun anew."""
    file = bundle(key)
    bad = at in ("returning", "back", "restart back")
    kiosk.dumb = {NEW} if bad else set()
    assert os.WTERMSIG(run_and_die(box, file, at)) == signal.SIGKILL
    assert slots.is_whole(box, box.active())
    acts.starting(box)
    assert slots.is_whole(box, box.active())
    kiosk.root.joinpath("head").write_text(str(kiosk.head() + 1))  # the box starts, and writes that it did
    if bad:
        with pytest.raises(No):
            acts.resume(box)
        assert (box.active(), slots.told(box)["state"]) == ("a", "returned")
        return
    acts.resume(box)
    assert slots.told(box).get("state") in ("stopped", "good", "refused", None)
    if box.active() == "a":
        assert acts.install(box, file) == NEW
    assert (box.active(), slots.told(box)["state"]) == ("b", "good")


def test_an_updater_killed_before_the_restart_does_not_blame_the_new_release(box: Box, key: Path, kiosk: Kiosk) -> None:
    """The box stayed on: the former release still answers, from a link that leads elsewhere. It is started, then judged."""
    run_and_die(box, bundle(key), "restart")
    kiosk.running = OLD  # a process keeps the code it started with
    acts.resume(box)
    assert (box.active(), slots.told(box)["state"]) == ("b", "good")


def test_two_updates_at_once_are_one(box: Box, key: Path) -> None:
    """The second is told, and waits."""
    with acts.one_at_a_time(box), pytest.raises(No) as no:
        acts.install(box, bundle(key))
    assert no.value.code == "another"


def test_what_the_kiosk_laid_down_is_installed_and_taken_away(box: Box, key: Path, kiosk: Kiosk) -> None:
    """A release that waits for quiet stays; one that is refused does not come back each hour."""
    folder = box.files / "updates"
    folder.mkdir()
    waiting = folder / "zinc.zip"
    bundle(key).replace(waiting)
    kiosk.state |= {"day_open": True}
    assert updater.main(["requested"], box) == 1
    assert waiting.exists()
    kiosk.state |= {"day_open": False}
    assert updater.main(["requested"], box) == 0
    assert (box.active(), waiting.exists()) == ("b", False)
    waiting.write_bytes(b"nothing")
    assert updater.main(["requested"], box) == 1
    assert not waiting.exists()


def test_the_updater_starts_from_beside_the_slots(box: Box) -> None:
    """Copied there and named as a folder, Debian's bare Python runs it: it leans on nothing in a slot."""
    site = box.slot("a") / "lib" / "python3.11" / "site-packages" / "kiosk" / "updater"
    shutil.copytree(Path(updater.__file__).parent, site, dirs_exist_ok=True)
    acts.place(box, box.slot("a"))
    asked = [sys.executable, "-I", "-S", str(box.app / "updater"), "--root", str(box.root), "status"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"* a {OLD} F0.1\n  b - ")


@pytest.mark.parametrize("again", [1, 2, 3])
def test_the_updater_in_use_is_whole_while_another_is_laid(box: Box, again: int) -> None:
    """The installer run again on the same version: cut in between, something still counts starts and goes back."""
    for _time in range(again):
        acts.place(box, box.slot("a"))

    def cut(name: str) -> None:
        if name == "updater":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        acts.place(replace(box, step=cut), box.slot("a"))
    assert (box.app / "updater" / "acts.py").read_text() == OLD
    (box.slot("a") / "lib/python3.11/site-packages/kiosk/updater/acts.py").write_text("newer")
    acts.place(box, box.slot("a"))
    assert (box.app / "updater" / "acts.py").read_text() == "newer"


def test_our_own_check_of_signatures_is_ed25519(key: Path) -> None:
    """What libsodium signs is right; another message, key, signature or a sum past the order is not."""
    signer = SigningKey(hashlib.sha256(b"publisher").digest())
    public, good = bytes(signer.verify_key), signer.sign(b"a release").signature
    assert release.signed_by(public, b"a release", good)
    assert not release.signed_by(public, b"another", good)
    assert not release.signed_by(bytes(SigningKey.generate().verify_key), b"a release", good)
    for place in range(0, 64, 7):
        assert not release.signed_by(public, b"a release", good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    large = (int.from_bytes(good[32:], "little") + release._L).to_bytes(32, "little")
    assert not release.signed_by(public, b"a release", good[:32] + large)
    assert not release.signed_by(b"short", b"a release", good)

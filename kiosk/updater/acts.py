"""Install a release into the idle slot, try it on a copy, switch, listen for its answer, keep it or go back.

A power cut at any step leaves `current` on a whole slot: the mark `.building` is laid before a slot is touched
and taken away when it is on the disk, and what was being tried is written before the link moves.
"""

import argparse
import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from . import release
from .release import SAYS, No
from .slots import STAMP, Box, building, is_whole, point, release_of, sync_folder, tell, told, write_whole

# A slot and a copy of the data need room while the other slot runs: times the size of the release.
ROOM_FACTOR = 6
# So many starts without a sign of life, and the box goes back to its other slot.
STARTS_MAX = 3
# Nobody sold for so long.
QUIET_S = 300
TRIAL_S = 900
_COPY = (
    "import sqlite3, sys; a = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True);"
    " b = sqlite3.connect(sys.argv[2]); a.backup(b); b.close(); a.close()"
)


@contextmanager
def one_at_a_time(box: Box) -> Iterator[None]:
    """Keep a second update out; raise No."""
    with (box.app / "update.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise No("another") from problem
        yield


def install(box: Box, file: Path, *, now: bool = False, again: bool = False) -> str:
    """Do the whole update; return the version that runs afterwards. Raises No; the former release runs then."""
    with one_at_a_time(box):
        if told(box).get("state") in ("trying", "returning"):
            _take_up(box)
        try:
            name, version = _prepare(box, file, now=now, again=again)
        except No as no:
            tell(box, state="refused", code=no.code, params=no.params, at=int(time.time()))
            raise
        _switch(box, name, version)
        return _settle(box)


def _prepare(box: Box, file: Path, *, now: bool, again: bool) -> tuple[str, str]:
    """Check a release, make the idle slot of it and try it on a copy; return the slot and its version."""
    name = box.idle()
    try:
        packed = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as problem:
        raise No("not_a_release") from problem
    with packed:
        box.step("check")
        manifest = release.read_manifest(box.keys, packed)
        urgent, came_back = bool(manifest.get("urgent")), told(box).get("came_back", [])
        release.check(manifest, release_of(box.slot(box.active()))[0], [] if again else came_back)
        need = ROOM_FACTOR * file.stat().st_size + 2 * _size(box.files / "cafe.db")
        if shutil.disk_usage(box.app).free < need:
            raise No("no_room", need=1 + need // 1_000_000)
        if not now:
            _wait_for_quiet(box, urgent=urgent)
        tell(box, state="building", version=manifest["version"], code="", params={})
        _build(box, packed, manifest, name)
    _try(box, name)
    box.step("whole")
    (box.slot(name) / STAMP).write_text(f"release {manifest['version']}\n")
    os.sync()
    building(box, name).unlink()
    sync_folder(box.app / "slots")
    if not now:
        _wait_for_quiet(box, urgent=urgent)
    return name, manifest["version"]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _wait_for_quiet(box: Box, *, urgent: bool) -> None:
    """Refuse while somebody may be selling. A kiosk that does not answer sells nothing."""
    state = ask(box)
    if state is None:
        return
    if state.get("quiet_s", 0) < QUIET_S or (state.get("day_open") and not urgent):
        raise No("busy")


def ask(box: Box) -> dict[str, Any] | None:
    """Return what the kiosk says of itself, or None."""
    with suppress(OSError, ValueError), urllib.request.urlopen(box.url, timeout=5) as answer:  # noqa: S310
        found = json.load(answer)
        return found if isinstance(found, dict) else None
    return None


def _build(box: Box, packed: zipfile.ZipFile, manifest: dict[str, Any], name: str) -> None:
    slot, wheels = box.slot(name), box.app / "slots" / f"{name}.wheels"
    box.step("mark")
    write_whole(building(box, name), manifest["version"].encode(), 0o644)
    box.step("clear")
    for folder in (slot, wheels):
        shutil.rmtree(folder, ignore_errors=True)
    box.step("unpack")
    wanted = release.unpack(packed, manifest, wheels)
    box.step("make")
    box.make(slot, wheels, wanted)
    shutil.rmtree(wheels)
    if release_of(slot) != (manifest["version"], manifest["fiscal"]):
        raise No("not_built")


def _person(box: Box) -> dict[str, Any]:
    """Return how to run something as the kiosk's own user: root never opens the café's files itself."""
    if os.geteuid() == 0:
        with suppress(KeyError):
            who = pwd.getpwnam(box.user)
            return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    return {}


def _try(box: Box, name: str) -> None:
    """Let the new release open a copy of the café's file, retell it and check its end; raise No."""
    folder, who = box.app / "trial", _person(box)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if who:
        os.chown(folder, who["user"], who["group"])
    try:
        box.step("copy")
        if (box.files / "cafe.db").exists():
            copy(box.files / "cafe.db", folder / "cafe.db", who)
        box.step("trial")
        command = [str(box.slot(name) / "bin" / "zinc"), "--data", str(folder), "trial"]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=TRIAL_S, cwd=folder, env=_bare(), **who
        )
        if done.returncode:
            sys.stderr.write(done.stdout[-1000:] + done.stderr[-2000:])
            raise No("smoke")
    except (subprocess.SubprocessError, OSError) as problem:
        raise No("smoke") from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy(source: Path, target: Path, who: dict[str, Any]) -> None:
    """Copy a café's file as one moment of it, while the till may be writing."""
    command = [sys.executable, "-I", "-c", _COPY, str(source), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=TRIAL_S, **who)


def _bare() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _switch(box: Box, name: str, version: str) -> None:
    """Keep a copy of the data, say what is tried, move the link, start the new release."""
    box.step("keep")
    kept, who = box.app / "kept", _person(box)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(mode=0o700)
    if (box.files / "cafe.db").exists():
        if who:
            os.chown(kept, who["user"], who["group"])
        copy(box.files / "cafe.db", kept / "cafe.db", who)
    box.step("tell")
    before = (ask(box) or {}).get("head", -1)
    former = box.active()
    tell(box, state="trying", slot=name, former=former, version=version, before=before,
         was=release_of(box.slot(former))[0], at=int(time.time()))  # fmt: skip
    box.step("swap")
    point(box, name)
    box.step("restart")
    _service(box, "restart")


def _service(box: Box, act: str) -> None:
    subprocess.run([*box.systemctl, act, box.service], check=False, capture_output=True)


def _take_up(box: Box) -> None:
    """End what another run began. If that run died before it started the new release, the former still answers."""
    found, state = told(box), ask(box)
    tried = found["state"] == "trying" and box.active() == found["slot"]
    if tried and state is not None and state.get("version") != found["version"]:
        _service(box, "restart")
    _settle(box)


def _settle(box: Box) -> str:
    """End what was begun: keep the release that answers, or go back to the former one. Raises No when it went back."""
    found = told(box)
    if found["state"] == "trying" and box.active() != found["slot"]:
        # Cut before the link moved: the former release never stopped.
        tell(box, state="stopped", at=int(time.time()))
        _service(box, "start")
        return release_of(box.slot(box.active()))[0]
    if found["state"] == "trying":
        box.step("health")
        trouble = health(box, found["version"], found["before"])
        if not trouble:
            tell(box, state="good", code="", at=int(time.time()))
            box.step("good")
            (box.app / "starts").unlink(missing_ok=True)
            place(box, box.slot(box.active()))
            return str(found["version"])
        box.step("returning")
        tell(box, state="returning", code=trouble)
    return _go_back(box)


def _go_back(box: Box) -> str:
    found = told(box)
    box.step("back")
    point(box, found["former"])
    box.step("restart back")
    _service(box, "restart")
    _came_back(box, found["version"])
    raise No(found["code"])


def _came_back(box: Box, version: str) -> None:
    tried = told(box).get("came_back", [])
    tell(box, state="returned", came_back=sorted({*tried, version}), at=int(time.time()))


def health(box: Box, version: str, before: int) -> str:
    """Return what is wrong with the release that should run now, or nothing once it answers and has written."""
    trouble, ends = "no_answer", time.monotonic() + box.deadline_s
    while True:
        state = ask(box)
        if state is not None:
            if state.get("version") != version:
                trouble = "other_version"
            elif state.get("head", -1) <= before and before >= 0:
                trouble = "no_entry"
            elif _page(box):
                return ""
        if time.monotonic() > ends:
            return trouble
        time.sleep(box.poll_s)


def _page(box: Box) -> bool:
    """Tell whether a person would see a screen."""
    with suppress(OSError), urllib.request.urlopen(box.url.rsplit("/", 1)[0] + "/lock", timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


def starting(box: Box) -> None:
    """Before each start of the kiosk: count the starts that gave no sign of life; after too many, go back.

    The kiosk lays `alive` among its files when it has run a while; no clock is asked. Starts of one start of the
    machine are counted: a plug pulled four times is no fault of a release.
    """
    if told(box).get("state") == "returning":
        point(box, told(box)["former"])
        return
    alive, count, boot = box.files / "alive", box.app / "starts", _boot(box)
    starts = 1
    if not alive.exists():
        with suppress(OSError, ValueError):
            counted, _space, of = count.read_text().partition(" ")
            starts = int(counted) + 1 if of in ("", boot) else 1
    alive.unlink(missing_ok=True)
    write_whole(count, f"{starts} {boot}".encode(), 0o644)
    if starts <= STARTS_MAX:
        return
    here, other = box.active(), box.idle()
    version = release_of(box.slot(here))[0]
    if not is_whole(box, other) or release_of(box.slot(other))[0] in told(box).get("came_back", []):
        return
    tell(box, state="returning", former=other, slot=here, version=version, code="crashed")
    box.step("crashed")
    point(box, other)
    write_whole(count, b"0", 0o644)
    _came_back(box, version)


def _boot(box: Box) -> str:
    """Return the kernel's name of this start of the machine."""
    with suppress(OSError):
        return (box.root / "proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def resume(box: Box) -> None:
    """After a power cut, or the end of an update by force: finish what was begun, one way or the other."""
    with one_at_a_time(box):
        state = told(box).get("state")
        if state in ("trying", "returning"):
            _take_up(box)
        elif state == "building":
            tell(box, state="stopped", at=int(time.time()))


def place(box: Box, slot: Path) -> None:
    """Put the updater that came with a slot beside the slots, in one step; the one in use stays whole until then."""
    link = box.app / "updater"
    for source in slot.glob("lib/python3*/site-packages/kiosk/updater"):
        version = release_of(slot)[0] or "first"
        one, other = (box.app / "updaters" / name / "updater" for name in (version, f"{version}-again"))
        folder = other if link.resolve() == one.resolve() else one
        shutil.rmtree(folder, ignore_errors=True)
        box.step("updater")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        os.sync()
        if link.is_symlink() or not link.exists():
            part = box.app / "updater.part"
            part.unlink(missing_ok=True)
            part.symlink_to(folder.relative_to(box.app))
            part.replace(link)
            sync_folder(box.app)


def main(arguments: list[str], box: Box | None = None) -> int:
    """Run as root: `install FILE [--now] [--again]`, `requested`, `starting`, `resume`, `status`."""
    parser = argparse.ArgumentParser(prog="updater", description="Zinc's two slots.")
    parser.add_argument("--root", type=Path, default=Path("/"), help="where opt, var and etc are")
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("install", help="install a signed release, or go back")
    one.add_argument("file", type=Path)
    one.add_argument("--now", action="store_true", help="do not wait until the counter is closed")
    one.add_argument("--again", action="store_true", help="even one that was tried and came back")
    for act, said in (
        ("requested", "install what the kiosk was asked to"), ("starting", "count a start, before it"),
        ("resume", "finish what a power cut left"), ("status", "say which slot runs"),
        ("place", "put the running slot's updater beside the slots"),
    ):  # fmt: skip
        acts.add_parser(act, help=said)
    asked = parser.parse_args(arguments)
    box = box or Box(root=asked.root)
    # The till's own account reads what root lays down here.
    os.umask(0o022)
    try:
        return _act(box, asked)
    except No as no:
        sys.stderr.write(f"{no}\n")
        return 1


def _act(box: Box, asked: argparse.Namespace) -> int:
    if asked.act == "install":
        sys.stdout.write(f"Zinc {install(box, asked.file, now=asked.now, again=asked.again)} runs.\n")
    elif asked.act == "requested":
        requested(box)
    elif asked.act == "place":
        place(box, box.slot(box.active()))
    elif asked.act == "status":
        for name in ("a", "b"):
            mark = "*" if name == box.active() else " "
            version, fiscal = release_of(box.slot(name))
            sys.stdout.write(
                f"{mark} {name} {version or '-'} {fiscal}{'' if is_whole(box, name) else ' (not whole)'}\n"
            )
        sys.stdout.write(json.dumps(told(box), ensure_ascii=False, sort_keys=True) + "\n")
    else:
        {"starting": starting, "resume": resume}[asked.act](box)
    return 0


def requested(box: Box) -> None:
    """Finish what was begun, then install the release the kiosk laid in its folder `updates`; one that waits stays."""
    resume(box)
    for file in sorted((box.files / "updates").glob("*.zip")):
        try:
            install(box, file)
        except No as no:
            if no.code in ("busy", "another"):
                raise
            file.unlink(missing_ok=True)
            raise
        file.unlink(missing_ok=True)


__all__ = ["SAYS", "main"]

"""The café's end of the demonstration: three months of made-up days for each of the thirteen cafés.

`python -m kiosk.demo prepare` makes the counter's café, joins it to HQ and sends its days;
`python -m kiosk.demo others` does the same for the other twelve, one after the other.
`run_all` (`zinc demo`) starts HQ, the kiosk and the rest as processes, until Ctrl-C.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kiosk import demo_days, demo_services, together
from pos import box, demo
from pos.clock import DAY_CUTOFF_HOUR, StoppedClock, SystemClock, business_day, local, to_ms
from pos.house import FEATURES
from pos.release import FISCAL_VERSION
from pos.seal import Keyring
from pos.store import Store
from pos.till import catalogue, close, network_apply, people
from pos.till.events import CafeDescribed
from sync import agent, enrol
from sync.health import Stats
from sync.line import HttpHq


def data_folder() -> Path:
    """Return the folder of the demonstration's files."""
    return Path(os.environ.get("ZINC_DATA") or ".zinc").resolve()


def hq_url() -> str:
    """Return the address of the demonstration's HQ."""
    return f"http://127.0.0.1:{os.environ.get('ZINC_HQ_PORT') or 8090}"


DAY_MS = 24 * 3_600_000


def make_cafe(folder: Path, one: demo.DemoCafe, code: str, *, open_today: bool, days: int = demo.DAYS) -> int:
    """Join a made-up café to HQ, play its days, send them; return the entries of its journal.

    Does nothing when the café is there and whole: it was finished before.
    """
    done = folder / "ready"
    if done.exists():
        return 0
    shutil.rmtree(folder, ignore_errors=True)
    today = date.fromisoformat(business_day(SystemClock().now_ms()))
    first = today - timedelta(days=days)
    clock = StoppedClock(f"{first}T06:30:00")
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    line = HttpHq(hq_url())
    told = enrol.enrol(store, line, code, hw=box.hardware_name())
    with store.bulk():
        pass
    enrol.open_first_journal(store, told)
    with store.bulk():
        _set_up(store, one, first)
        rhythm = demo_days.play_days(store, clock, one, first, days)
        if open_today:
            clock.set(max(clock.now_ms(), to_ms(f"{today - timedelta(days=1)}T20:00:00")))
            demo_services.evening_before(store)
    if open_today:
        # The evening before: HQ hears the box and confirms it, its lists are in force before the counter opens.
        agent.push(store, line)
        _run("hq.demo", "confirm")
        agent.push(store, line)
        network_apply.apply_waiting(store)
        with store.bulk():
            _open_today(store, clock, rhythm)
    clock.set(max(clock.now_ms(), SystemClock().now_ms()))
    agent.push(store, line, keep=folder / "ack.json", about=_told(one, clock.now_ms()))
    entries = store.tip().seq + 1
    store.close()
    done.write_text("ready\n")
    return entries


def _told(one: demo.DemoCafe, now: int) -> Stats:
    """Make up how a box fares: two of them want a word, so that HQ's page of boxes has something to say."""
    copied = now - (9 * DAY_MS if one.number == 9 else DAY_MS // 2)
    machines = ["printer.away"] if one.number == 5 else []
    return Stats(fiscal=FISCAL_VERSION, copy_at=copied, drill_at=copied, machines=machines, commit=4_200)


def _set_up(store: Store, one: demo.DemoCafe, first: date) -> None:
    people.describe_cafe(
        store,
        CafeDescribed(
            sign=f"{one.sign} (démo)", legal_entity="Café de démonstration", siret="00000000000000",
            street="1 place de l’Église", postcode=one.postcode, town=one.town, insee=one.insee, model=one.model,
            regime=one.regime, valid_from=first.isoformat(), vat_number="" if one.regime == "franchise" else "FR00000000000",
            ape="56.30Z", services=[slug for slug in one.services if any(f.slug == slug for f in FEATURES)],
        ),
        by="g1",
    )  # fmt: skip
    for role, name, pin in demo.OPERATORS:
        people.add_operator(store, role=role, name=name, pin=pin, by="g1")
    catalogue.load_starter(store, by="g1")
    if one.parcels:
        demo_services.set_up(store)


def _open_today(store: Store, clock: StoppedClock, rhythm: demo_days.Rhythm) -> None:
    """Leave the counter's café as it is early in its day: open, with bread, parcels and orders waiting.

    After midnight its day is still the one before: then it is left as a lively evening ends, not closed yet.
    """
    now = SystemClock().now_ms()
    today = business_day(now)
    # Some minutes ago at the most, and never before the café's day begins.
    clock.set(max(to_ms(f"{today}T05:00:00"), min(to_ms(f"{today}T06:50:00"), now - 600_000), clock.now_ms() + 1000))
    close.open_day(store, 15000, by="g1")
    demo_services.morning(store, clock)
    if local(now).hour < DAY_CUTOFF_HOUR:
        demo_days.serve_until(store, clock, rhythm, date.fromisoformat(today), now - 600_000)


def codes() -> dict[int, str]:
    """Return the one-time codes that HQ's end wrote down."""
    path = data_folder() / "hq" / "demo-codes.json"
    return {int(number): code for number, code in json.loads(path.read_text()).items()}


def prepare() -> None:
    """Make the counter's café."""
    started = time.monotonic()
    n = make_cafe(data_folder() / "cafe", demo.cafe(1), codes()[1], open_today=True)
    if n:
        _say(f"café 1: {n} entries in {time.monotonic() - started:.0f} s")


def others() -> None:
    """Make the other cafés, telling how far it is; the network page at HQ fills as they come."""
    rest = [one for one in demo.CAFES if one.number != 1]
    for done, one in enumerate(rest, start=1):
        started = time.monotonic()
        n = make_cafe(data_folder() / "demo-cafes" / str(one.number), one, codes()[one.number], open_today=False)
        if n:
            _say(f"demo café {done} of {len(rest)}: {one.sign}, {n} entries in {time.monotonic() - started:.0f} s")
    _run("hq.demo", "confirm")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


# All machines of the counter are there, simulated: each has its page with switches to break it.
SIMULATED = """[printer]
kind = "simulated"

[terminal]
kind = "simulated_ap"

[[scanners]]
kind = "simulated"
name = "comptoir"

[display]
kind = "simulated"
"""


def write_settings(folder: Path) -> Path:
    """Write the demonstration's box settings and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cafe.toml"
    path.write_text(f'hq_url = "{hq_url()}"\ndemo = true\n\n' + SIMULATED)
    return path


def run_all(*, fresh: bool = False) -> None:
    """Serve HQ and the counter's café until Ctrl-C, making what is missing."""
    data = data_folder()
    port, office = os.environ.get("ZINC_KIOSK_PORT") or "8080", os.environ.get("ZINC_HQ_PORT") or "8090"
    os.environ["ZINC_DATA"] = str(data)
    try:
        together.need_free_port(int(port), "ZINC_KIOSK_PORT")
        together.need_free_port(int(office), "ZINC_HQ_PORT")
        if fresh:
            for part in ("hq", "cafe", "demo-cafes"):
                shutil.rmtree(data / part, ignore_errors=True)
        with together.Together() as house:
            _run_in(house, data, port)
    except together.CannotRun as trouble:
        raise SystemExit(f"\n{trouble}") from trouble
    except KeyboardInterrupt:
        _say("\nEnded.")


def _run_in(house: together.Together, data: Path, port: str) -> None:
    """Start each program once the one before is ready, then stay."""
    house.do("-m", "hq.demo", "prepare")
    house.start("HQ", "-m", "hq.cli", "run")
    house.wait_for(f"{hq_url()}/healthz")
    house.do("-m", "kiosk.demo", "prepare")
    box_settings = str(write_settings(data / "cafe"))
    kiosk = ("-m", "kiosk.cli", "--data", str(data / "cafe"), "--config", box_settings, "run", "--port", port)
    house.start("The counter", *kiosk)
    house.wait_for(f"http://127.0.0.1:{port}/healthz")
    _greet(port)
    house.start("The other cafés", "-m", "kiosk.demo", "others", needed=False)
    house.stay()


def _greet(port: str) -> None:
    pins = ", ".join(f"{name}: {pin}" for _role, name, pin in demo.OPERATORS)
    users = ", ".join(username for username, *_rest in demo.HQ_USERS)
    _say(
        f"\nZinc, demonstration (made-up figures)\n"
        f"  the counter  http://127.0.0.1:{port}   PIN {pins}\n"
        f"  the customer http://127.0.0.1:{port}/customer/\n"
        f"  HQ           {hq_url()}   {users}; password: {demo.HQ_PASSWORD}\n"
        f"Ctrl-C ends both.\n"
    )


def main() -> None:
    """Do one step of the demonstration, or all of it."""
    steps: dict[str, Any] = {"prepare": prepare, "others": others, "run": run_all}
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        raise SystemExit("usage: python -m kiosk.demo prepare | others | run")
    steps[sys.argv[1]]()


if __name__ == "__main__":
    main()

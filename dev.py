#!/usr/bin/env python3
"""The front door of the project: make the environment from the lock, then act.

Standard library only, so that it runs on a machine with nothing but python3.
No registry is named here: pip and uv ask the ones this machine is set up for.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {name: ROOT / "deps" / f"{name}.lock" for name in ("run", "openid", "dev", "audit")}
PYTHON_MIN = (3, 11)


class Stop(Exception):
    """A sentence for the person at the keyboard; the command ends with exit code 1."""


# ── environment ──────────────────────────────────────────────────────────────────────────────


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def mark_of(name: str) -> str:
    """Return what an environment made from this lock, by this Python, is stamped with."""
    lock = hashlib.sha256(LOCKS[name].read_bytes()).hexdigest()
    return f"{lock} {sys.version_info.major}.{sys.version_info.minor}"


def stamp_of(name: str) -> Path:
    """Return the stamp file of a lock."""
    return VENV / f"zinc-{name}.stamp"


def is_ready(name: str) -> bool:
    """Tell whether the environment already holds exactly what the lock says."""
    stamp = stamp_of(name)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == mark_of(name)


def environment(name: str) -> None:
    """Make or refresh `.venv` from a lock; nothing to do when its stamp is right."""
    if is_ready(name):
        return
    with one_at_a_time():
        if is_ready(name):
            return
        started = time.monotonic()
        say(f"Making the environment from {LOCKS[name].relative_to(ROOT)} …")
        if not (with_uv(name) or with_pip(name)):
            raise Stop("The environment could not be made: see above what pip said.")
        stamp_of(name).write_text(mark_of(name))
        if name == "dev":
            # The development lock holds every pin of the running one (a house test says so).
            stamp_of("run").write_text(mark_of("run"))
        say(f"Environment ready in {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep two commands from making the environment at the same time."""
    with (ROOT / ".dev.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def with_uv(name: str) -> bool:
    """Install with uv when it is there and can: a second instead of half a minute."""
    uv = shutil.which("uv")
    if not uv:
        return False
    made = PYTHON.exists() or quietly([uv, "venv", "--python", sys.executable, str(VENV)])
    return made and quietly(
        [uv, "pip", "install", "--python", str(PYTHON), "--require-hashes", "--only-binary", ":all:",
         "-r", str(LOCKS[name])]
    )  # fmt: skip


def with_pip(name: str) -> bool:
    """Install with the environment's own pip."""
    if not PYTHON.exists() or not quietly([str(PYTHON), "-m", "pip", "--version"]):
        need_venv_module()
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [
        str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet",
        "--only-binary", ":all:", "--require-hashes", "-r", str(LOCKS[name]),
    ]  # fmt: skip
    if subprocess.run(pip, check=False).returncode == 0:
        return True
    # A machine's extra index may serve other files under the same names (Raspberry Pi OS does).
    say("Once more, without this machine's pip settings …")
    return subprocess.run(pip, check=False, env={**os.environ, "PIP_CONFIG_FILE": os.devnull}).returncode == 0


def quietly(command: list[str]) -> bool:
    """Run a command without its words; tell whether it went well."""
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def need_venv_module() -> None:
    """Have Python's venv: Debian ships it apart."""
    if quietly([sys.executable, "-c", "import ensurepip, venv"]):
        return
    if not (apt_install("python3-venv") and quietly([sys.executable, "-c", "import ensurepip, venv"])):
        raise Stop("Python's venv is missing. Type this, then start again:\n    sudo apt install python3-venv")


def apt_install(package: str) -> bool:
    """Install a Debian package as root or with passwordless sudo; tell whether it is done."""
    apt = shutil.which("apt-get")
    if not apt:
        return False
    before: list[str] = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if not sudo or not quietly([sudo, "-n", "true"]):
            return False
        before = [sudo, "-n"]
    say(f"Installing Debian's {package} …")
    env = [*before, "env", "DEBIAN_FRONTEND=noninteractive"]
    install = [*env, apt, "install", "-y", "-qq", "--no-install-recommends", package]
    return quietly(install) or (quietly([*env, apt, "update", "-qq"]) and quietly(install))


def become(*arguments: str) -> None:
    """Replace this process by the environment's Python."""
    # The full path as argv[0]: without it the interpreter does not see that it is in .venv.
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])


def call(*arguments: str) -> int:
    """Run the environment's Python and return its exit code."""
    return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, check=False).returncode


# ── commands ─────────────────────────────────────────────────────────────────────────────────


def run(arguments: list[str]) -> int:
    """[--fresh]: HQ and a café's counter with demo data, until Ctrl-C"""
    if arguments not in ([], ["--fresh"]):
        raise Stop("python3 dev.py run [--fresh]")
    environment("run")
    os.environ.setdefault("ZINC_DATA", str(ROOT / ".zinc"))
    become("-m", "kiosk.cli", "demo", *arguments)
    return 0


def test(arguments: list[str]) -> int:
    """[pytest arguments]: the whole suite, PostgreSQL and Chromium included"""
    environment("dev")
    installed = [apt_install(package) for package in browser_needs()]
    if not all(installed):
        names = " ".join(browser_needs())
        say(f"*** Debian's {names} missing: the browser tests are SKIPPED. Type: sudo apt install {names} ***")
    chosen = any(a == "-n" or a.startswith(("-n", "--numprocesses", "--pdb")) for a in arguments)
    several = [] if chosen else ["-n", "2", "--dist", "loadfile"]
    become("-m", "pytest", *several, *arguments)
    return 0


def browser_needs() -> list[str]:
    """Return the Debian packages that the browser tests still lack."""
    needs = [] if shutil.which("chromium") else ["chromium"]
    # Playwright's driver is a program of its own; a minimal Debian lacks the one library it needs.
    return needs if quietly([str(PYTHON), "-m", "playwright", "--version"]) else [*needs, "libatomic1"]


def check(arguments: list[str]) -> int:
    """lint, format, types, import contracts, catalogue, house and docs tests"""
    environment("dev")
    steps: dict[str, list[str]] = {
        "ruff": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "import contracts": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
        "french": ["tools/french.py", "--check"],
        "house": ["-m", "pytest", "-q", "tests/house"],
    }
    failed = [name for name, step in steps.items() if (not arguments or name in arguments) and shown(name, step)]
    if failed:
        raise Stop("Not right yet: " + ", ".join(failed))
    say("All right.")
    return 0


def shown(name: str, step: list[str]) -> int:
    """Run one check under its name."""
    say(f"── {name}")
    return call(*step)


def faults(arguments: list[str]) -> int:
    """[--minutes N]: the long campaigns: kills, full disks, cut lines, properties, N minutes of simulated networks"""
    environment("dev")
    if arguments[:1] == ["--minutes"] and len(arguments) > 1:
        os.environ["ZINC_FAULTS_MINUTES"], *arguments = arguments[1:]
    os.environ["ZINC_EXPLORE"] = "1"
    become("-m", "pytest", "-m", "faults or hypothesis", *arguments)
    return 0


# What asks the line for something; the long stories (networks, kills) say nothing more about branches.
LINE_TESTS = ("tests/sync", "tests/hq", "tests/kiosk/test_control.py")
LONG_STORIES = ("sim", "sim_finds", "kill")


def coverage(arguments: list[str]) -> int:
    """[pytest arguments]: every branch of sync/ is taken by its tests, or the command fails"""
    environment("dev")
    measured = ["-m", "coverage", "run", "-m", "pytest", "-q", "-m", "not faults and not browser"]
    spared = [f"--ignore=tests/sync/test_{name}.py" for name in LONG_STORIES]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COVERAGE_FILE"] = str(Path(folder) / "coverage")
        tested = call(*measured, "-n", "2", "--dist", "loadfile", *spared, *LINE_TESTS, *arguments)
        call("-m", "coverage", "combine", "--quiet")
        missed = call("-m", "coverage", "report", "--show-missing", "--skip-covered", "--fail-under=100")
    return tested or missed


def bench(arguments: list[str]) -> int:
    """[--json FILE]: speed, disk, memory, start; ratios to a floor of the same run"""
    environment("run")
    become("tools/bench.py", *arguments)
    return 0


def french(arguments: list[str]) -> int:
    """[--check]: extract, merge, compile the French catalogue; fail on what is missing"""
    environment("dev")
    become("tools/french.py", *arguments)
    return 0


def golden(arguments: list[str]) -> int:
    """write the golden samples of events that have none yet"""
    environment("dev")
    become("-m", "tests.golden_samples", *arguments)
    return 0


def perimeter(arguments: list[str]) -> int:
    """[--issued]: renew the manifest of the fiscal perimeter after a change"""
    environment("run")
    become("tools/perimeter.py", *arguments)
    return 0


def release(arguments: list[str]) -> int:
    """[--key FILE]: make and sign a release of this tree for boxes (--help says more)"""
    environment("run")
    become("tools/release.py", *arguments)
    return 0


def audit(_arguments: list[str]) -> int:
    """ask the registry which pins of the locks have known vulnerabilities (needs the network)"""
    environment("dev")
    there = VENV / "audit"
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
           "--require-hashes", "--upgrade", "--target", str(there), "-r", str(LOCKS["audit"])]  # fmt: skip
    if subprocess.run(pip, check=False).returncode:
        raise Stop("pip-audit could not be installed: see above what pip said.")
    env, found = {**os.environ, "PYTHONPATH": str(there)}, []
    for name, path in LOCKS.items():
        say(f"── {path.relative_to(ROOT)}")
        # Strict: a pin it could not ask about is not a good one.
        ask = [str(PYTHON), "-m", "pip_audit", "--strict", "--require-hashes", "--disable-pip", "-r", str(path)]
        found += [name] if subprocess.run(ask, env=env, check=False).returncode else []
    if found:
        raise Stop("Not clean, or not all asked about: " + ", ".join(found))
    return 0


def lock(_arguments: list[str]) -> int:
    """make deps/*.lock anew from deps/*.in (needs uv)"""
    uv = shutil.which("uv")
    if not uv:
        raise Stop("uv makes the locks: see its site for how to install it.")
    for name, path in LOCKS.items():
        limits = [] if name in ("run", "audit") else ["-c", "deps/run.lock"]
        subprocess.run(
            [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate",
             "--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11",
             "--custom-compile-command", "python3 dev.py lock", *limits,
             f"deps/{name}.in", "-o", f"deps/{name}.lock"],
            check=True, cwd=ROOT,
        )  # fmt: skip
        if "://" in path.read_text():
            raise Stop(f"{path.name} names a registry: do not commit it.")
    return 0


def help_(_arguments: list[str]) -> int:
    """this list"""
    say("python3 dev.py COMMAND (or: make COMMAND)\n")
    for name, command in COMMANDS.items():
        said = (command.__doc__ or "").strip()
        takes, _, does = said.partition(": ") if said.startswith("[") else ("", "", said)
        say(f"  {f'{name} {takes}'.strip():26} {does}")
    say("\nSettings: ZINC_DATA (.zinc/), ZINC_KIOSK_PORT (8080), ZINC_HQ_PORT (8090).")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run, "test": test, "check": check, "coverage": coverage, "bench": bench, "faults": faults, "french": french,
    "golden": golden, "perimeter": perimeter, "release": release, "audit": audit, "lock": lock, "help": help_,
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Do what the first word says."""
    if sys.version_info < PYTHON_MIN:
        say(f"Zinc needs Python {'.'.join(map(str, PYTHON_MIN))} or later; this one is {sys.version.split()[0]}.")
        return 1
    name, *rest = arguments or ["help"]
    command = COMMANDS.get(name.lstrip("-"))
    if command is None:
        say(f"No command « {name} ».")
        help_([])
        return 2
    try:
        return command(rest)
    except Stop as stop:
        say(f"\n{stop}")
        return 1
    except KeyboardInterrupt:
        say("\nEnded.")
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What is plugged into the box, read from the kernel's and udev's own files: nothing is opened, nothing is sent.

A role is a guess by maker; whoever installs confirms it. Addresses are the stable names of udev where there are any:
`/dev/ttyACM0` may be another machine after the next start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PRINTER, TERMINAL, SCANNER, DISPLAY, UNKNOWN = "printer", "terminal", "scanner", "display", ""

# USB makers whose machines on a counter are of one sort (names as the USB registry keeps them).
MAKERS = {
    "04b8": ("Epson", PRINTER), "0519": ("Star Micronics", PRINTER), "1504": ("Bixolon", PRINTER),
    "0dd4": ("Custom", PRINTER), "154f": ("SNBC", PRINTER), "2730": ("Citizen", PRINTER), "1d90": ("Citizen", PRINTER),
    "079b": ("Ingenico", TERMINAL), "0b00": ("Ingenico", TERMINAL), "11ca": ("Verifone", TERMINAL),
    "0c2e": ("Honeywell", SCANNER), "0536": ("Honeywell", SCANNER), "05f9": ("Datalogic", SCANNER),
    "05e0": ("Zebra", SCANNER), "1eab": ("Newland", SCANNER),
    # Adapters: what hangs behind them cannot be known.
    "1a86": ("QinHeng", UNKNOWN), "067b": ("Prolific", UNKNOWN), "0403": ("FTDI", UNKNOWN), "10c4": ("Silicon Labs", UNKNOWN),
}  # fmt: skip
_KINDS = (
    ("usbmisc", "lp", "usb"),
    ("tty", "ttyACM", "serial"),
    ("tty", "ttyUSB", "serial"),
    ("input", "event", "keyboard"),
)


@dataclass(frozen=True, slots=True)
class Plugged:
    """A machine: its address to keep, how it is reached (`usb`, `serial`, `keyboard`), what it says of itself."""

    address: str
    node: str
    kind: str
    maker: str = ""
    model: str = ""
    number: str = ""
    guess: str = UNKNOWN

    @property
    def name(self) -> str:
        """Maker and model as a person reads them; the node when it says nothing."""
        return " ".join(word for word in (self.maker, self.model) if word) or self.node


def plugged(root: Path = Path("/")) -> list[Plugged]:
    """Return the printers, serial lines and scanners that type, as they are plugged now."""
    found = []
    links = _links(root)
    for folder, prefix, kind in _KINDS:
        for entry in sorted((root / "sys/class" / folder).glob(f"{prefix}[0-9]*")):
            told = _told(root, entry)
            one = _machine(entry.name, kind, told, links)
            if one is not None:
                found.append(one)
    return found


def _machine(name: str, kind: str, told: dict[str, str], links: dict[str, list[str]]) -> Plugged | None:
    node = told.get("DEVNAME", {"usb": f"/dev/usb/{name}", "keyboard": f"/dev/input/{name}"}.get(kind, f"/dev/{name}"))
    maker, guess = MAKERS.get(told.get("ID_VENDOR_ID", "").lower(), ("", UNKNOWN))
    if kind == "keyboard" and (guess != SCANNER or told.get("ID_INPUT_KEYBOARD") != "1"):
        # Every keyboard types; only those of scanners' makers are machines of the counter.
        return None
    if kind == "usb":
        guess = guess or PRINTER
    if kind == "serial" and not told.get("ID_VENDOR_ID"):
        return None
    maker = maker or _words(told.get("ID_VENDOR_FROM_DATABASE") or told.get("ID_VENDOR", ""))
    model = _words(told.get("ID_MODEL") or told.get("ID_MODEL_FROM_DATABASE", ""))
    number = told.get("ID_SERIAL_SHORT", "")[:40]
    address = _best(links.get(node, [node]), numbered=bool(number))
    return Plugged(address, node, kind, maker[:40], model.removeprefix(maker).strip()[:40], number, guess)


def _words(text: str) -> str:
    # udev writes underscores for what a name may not hold.
    return "".join(sign for sign in text.replace("_", " ") if sign.isprintable()).strip()


def _told(root: Path, entry: Path) -> dict[str, str]:
    """Return udev's properties of a device; the kernel's own few words where udev does not run."""
    told = dict(line.split("=", 1) for line in _lines(entry / "uevent") if "=" in line)
    if "DEVNAME" in told:
        told["DEVNAME"] = "/dev/" + told["DEVNAME"].removeprefix("/dev/")
    number = next(iter(_lines(entry / "dev")), "")
    for line in _lines(root / "run/udev/data" / f"c{number}"):
        if line.startswith("E:") and "=" in line:
            name, value = line[2:].split("=", 1)
            told[name] = value
    if "ID_VENDOR_ID" not in told:
        told |= _usb(entry)
    return told


def _usb(entry: Path) -> dict[str, str]:
    """Climb from a device to the USB machine that bears it."""
    names = {
        "idVendor": "ID_VENDOR_ID",
        "manufacturer": "ID_VENDOR",
        "product": "ID_MODEL",
        "serial": "ID_SERIAL_SHORT",
    }
    here = (entry / "device").resolve()
    for folder in (here, *here.parents)[:8]:
        if (folder / "idVendor").exists():
            return {name: line for file, name in names.items() for line in list(_lines(folder / file))[:1]}
    return {}


def _links(root: Path) -> dict[str, list[str]]:
    """Return the stable names of each node."""
    found: dict[str, list[str]] = {}
    for folder in ("dev/serial/by-path", "dev/serial/by-id", "dev/zinc"):
        for link in sorted((root / folder).glob("*")):
            if link.is_symlink():
                target = link.resolve()
                inside = target.is_relative_to(root.resolve())
                node = f"/{target.relative_to(root.resolve())}" if inside else str(target)
                found.setdefault(node, []).append(f"/{folder}/{link.name}")
    return found


def _best(names: list[str], *, numbered: bool) -> str:
    """Return the name to keep: of a role, then of a serial number, then of a socket; the machine may be plugged elsewhere."""

    def worth(name: str) -> int:
        if "/by-id/" in name:
            # Without a number it is the name of every cable of that make.
            return 2 if numbered else 0
        # Our rules name after their socket those that have no role (70-zinc.rules).
        return 1 if "/by-path/" in name or name.startswith(("/dev/zinc/serial-", "/dev/zinc/printer-")) else 3

    return max(reversed(names), key=worth)


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return


__all__ = ["DISPLAY", "MAKERS", "PRINTER", "SCANNER", "TERMINAL", "UNKNOWN", "Plugged", "plugged"]

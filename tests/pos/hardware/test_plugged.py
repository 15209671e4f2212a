"""What is plugged in is found from the kernel's and udev's files, without opening anything (hardware.md §6.4)."""

from pathlib import Path

from pos.hardware import plugged
from pos.hardware.plugged import Plugged


def device(root: Path, folder: str, name: str, number: str, node: str, **told: str) -> None:
    """A device as the kernel and udev show it."""
    entry = root / "sys/class" / folder / name
    entry.mkdir(parents=True)
    (entry / "dev").write_text(number + "\n")
    (entry / "uevent").write_text(f"DEVNAME={node}\n")
    data = root / "run/udev/data"
    data.mkdir(parents=True, exist_ok=True)
    (data / f"c{number}").write_text("".join(f"E:{key}={value}\n" for key, value in told.items()))
    (root / "dev" / node).parent.mkdir(parents=True, exist_ok=True)
    (root / "dev" / node).touch()


def test_machines_are_named_and_their_role_guessed(tmp_path: Path) -> None:
    """A printer, a terminal under its stable name, a scanner that types, an adapter nobody can guess."""
    device(tmp_path, "usbmisc", "lp0", "180:0", "usb/lp0", ID_VENDOR_ID="04b8", ID_MODEL="TM-T20III")
    device(
        tmp_path, "tty", "ttyACM0", "166:0", "ttyACM0", ID_VENDOR_ID="079b", ID_MODEL="Desk_5000", ID_SERIAL_SHORT="88"
    )
    device(tmp_path, "tty", "ttyUSB0", "188:0", "ttyUSB0", ID_VENDOR_ID="1a86", ID_MODEL="USB_Serial")
    device(
        tmp_path,
        "input",
        "event3",
        "13:67",
        "input/event3",
        ID_VENDOR_ID="05f9",
        ID_INPUT_KEYBOARD="1",
        ID_MODEL="QuickScan",
    )
    device(tmp_path, "input", "event1", "13:65", "input/event1", ID_VENDOR_ID="046d", ID_INPUT_KEYBOARD="1")
    by_id = tmp_path / "dev/serial/by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-Ingenico_88").symlink_to("../../ttyACM0")
    assert plugged.plugged(tmp_path) == [
        Plugged("/dev/usb/lp0", "/dev/usb/lp0", "usb", "Epson", "TM-T20III", "", "printer"),
        Plugged(
            "/dev/serial/by-id/usb-Ingenico_88", "/dev/ttyACM0", "serial", "Ingenico", "Desk 5000", "88", "terminal"
        ),
        Plugged("/dev/ttyUSB0", "/dev/ttyUSB0", "serial", "QinHeng", "USB Serial", "", ""),
        Plugged("/dev/input/event3", "/dev/input/event3", "keyboard", "Datalogic", "QuickScan", "", "scanner"),
    ]


def test_our_own_names_come_first_and_adapters_without_number_are_told_apart(tmp_path: Path) -> None:
    """Two adapters alike have only their plug; the name our rules gave wins over both."""
    for n in (0, 1):
        device(tmp_path, "tty", f"ttyUSB{n}", f"188:{n}", f"ttyUSB{n}", ID_VENDOR_ID="067b")
    for folder, name, n in (("serial/by-path", "plug-1", 0), ("serial/by-path", "plug-2", 1), ("zinc", "display", 1)):
        (tmp_path / "dev" / folder).mkdir(parents=True, exist_ok=True)
        target = "../" * (folder.count("/") + 1) + f"ttyUSB{n}"
        (tmp_path / "dev" / folder / name).symlink_to(target)
    assert [one.address for one in plugged.plugged(tmp_path)] == ["/dev/serial/by-path/plug-1", "/dev/zinc/display"]


def test_without_udev_the_kernel_still_names_the_machine(tmp_path: Path) -> None:
    """In a container or before udev has run: maker and model come from the USB machine that bears the line."""
    bearer = tmp_path / "sys/devices/usb1/1-2"
    line = bearer / "1-2:1.0/tty/ttyACM0"
    line.mkdir(parents=True)
    (bearer / "idVendor").write_text("0c2e\n")
    (bearer / "product").write_text("Voyager 1450g\n")
    (line / "dev").write_text("166:0\n")
    (line / "uevent").write_text("DEVNAME=ttyACM0\n")
    (line / "device").symlink_to("../..")
    (tmp_path / "sys/class/tty").mkdir(parents=True)
    (tmp_path / "sys/class/tty/ttyACM0").symlink_to(line)
    (one,) = plugged.plugged(tmp_path)
    assert (one.guess, one.name, one.address) == ("scanner", "Honeywell Voyager 1450g", "/dev/ttyACM0")


def test_nothing_plugged_is_nothing(tmp_path: Path) -> None:
    """An empty box, and a machine whose words hold control signs."""
    assert plugged.plugged(tmp_path) == []
    device(tmp_path, "tty", "ttyS0", "4:64", "ttyS0")
    device(tmp_path, "usbmisc", "lp1", "180:1", "usb/lp1", ID_VENDOR_ID="ffff", ID_VENDOR="Bad\x1b[2J", ID_MODEL="")
    (one,) = plugged.plugged(tmp_path)
    assert (one.maker, one.guess) == ("Bad[2J", "printer")


def test_a_machine_keeps_its_name_in_another_socket(tmp_path: Path) -> None:
    """A role or a serial number is kept before the socket our rules name; without a number only the socket tells two apart."""
    told = {
        "scanner": ({"ID_VENDOR_ID": "05e0"}, "/dev/zinc/scanner"),
        "cable": ({"ID_VENDOR_ID": "0403", "ID_SERIAL_SHORT": "A50285BI"}, "/dev/serial/by-id/usb-cable"),
        "plain": ({"ID_VENDOR_ID": "1a86"}, "/dev/zinc/serial-plain"),
    }
    for folder in ("serial/by-path", "serial/by-id", "zinc"):
        (tmp_path / "dev" / folder).mkdir(parents=True)
    for n, (name, (words, _kept)) in enumerate(told.items()):
        device(tmp_path, "tty", f"ttyUSB{n}", f"188:{n}", f"ttyUSB{n}", **words)
        (tmp_path / "dev/serial/by-path" / f"plug-{n}").symlink_to(f"../../ttyUSB{n}")
        (tmp_path / "dev/serial/by-id" / f"usb-{name}").symlink_to(f"../../ttyUSB{n}")
        (tmp_path / "dev/zinc" / f"serial-{name}").symlink_to(f"../ttyUSB{n}")
    (tmp_path / "dev/zinc/scanner").symlink_to("../ttyUSB0")
    assert [one.address for one in plugged.plugged(tmp_path)] == [kept for _words, kept in told.values()]

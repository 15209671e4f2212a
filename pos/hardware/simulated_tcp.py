"""The simulated printer behind a real socket, as a printer on the network: same habits, same paper."""

import socket
import struct
import threading
from contextlib import suppress

from pos.hardware.simulated import SimulatedPrinter
from pos.hardware.troubles import PrinterTrouble


class TcpPrinter:
    """Serves one simulated printer on 127.0.0.1, one connection after the other, as such printers do."""

    def __init__(self, machine: SimulatedPrinter) -> None:
        self.machine = machine
        # Bytes after which the line is cut, 0 for never: a cable pulled out, the printer itself unharmed.
        self.resets_after = 0
        self._idle = threading.Event()
        self._idle.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, name="tcp-printer", daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _from = self._server.accept()
                self._idle.clear()
                with line, suppress(OSError, PrinterTrouble):
                    self._job(line)
                self._idle.set()

    def _job(self, line: socket.socket) -> None:
        # One that is off answers to nobody: a listening socket cannot refuse, so it hangs up.
        self.machine.plug()
        got = 0
        while data := line.recv(65_536):
            got += len(data)
            if self.resets_after and got > self.resets_after:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if answer := self.machine.receive(data):
                line.sendall(answer)

    def wait_idle(self, seconds: float = 5.0) -> bool:
        """Wait until nothing is being printed; tell whether it is so."""
        return self._idle.wait(seconds)

    def close(self) -> None:
        """Leave the network."""
        with suppress(OSError):
            # Wakes the thread that waits in accept.
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

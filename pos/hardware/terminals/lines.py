"""Lines to a terminal: TCP and serial, each with its deadlines. An end of line and a cut one are told alike."""

import socket
from contextlib import suppress

from pos.hardware.terminals.answer import LineDown, LineQuiet

CAISSE_AP_PORT = 8888


class TcpLine:
    """A terminal on the network; it is the server."""

    def __init__(self, address: str, *, connect_s: float = 6.0, write_s: float = 5.0) -> None:
        host, _colon, port = address.rpartition(":") if ":" in address else (address, "", "")
        try:
            self._socket = socket.create_connection((host, int(port or CAISSE_AP_PORT)), timeout=connect_s)
        except (OSError, ValueError, OverflowError) as problem:
            raise LineDown from problem
        self._write_s = write_s

    def write(self, data: bytes) -> None:
        """Send all of it within the deadline."""
        self._socket.settimeout(self._write_s)
        try:
            self._socket.sendall(data)
        except OSError as problem:
            raise LineDown from problem

    def read(self, size: int, seconds: float) -> bytes:
        """Return what comes; the other side hanging up is LineDown."""
        # Zero would mean not to wait at all, and to fail in another way.
        self._socket.settimeout(max(seconds, 0.001))
        try:
            data = self._socket.recv(size)
        except TimeoutError as problem:
            raise LineQuiet from problem
        except OSError as problem:
            raise LineDown from problem
        if not data:
            raise LineDown
        return data

    def close(self) -> None:
        """Hang up; that cancels nothing on the terminal."""
        with suppress(OSError):
            self._socket.close()


class SerialLine:
    """A terminal on a serial line or its USB look-alike."""

    def __init__(self, address: str, speed: int, line: str = "8N1", *, write_s: float = 5.0) -> None:
        import serial

        bits, parity, stops = int(line[0]), line[1], int(line[2])
        try:
            self._line = serial.Serial(
                address, speed, bytesize=bits, parity=parity, stopbits=stops, timeout=0, write_timeout=write_s,
                exclusive=True,
            )  # fmt: skip
            # What a former payment left on the line is no answer to this one.
            self._line.reset_input_buffer()
        except (OSError, ValueError) as problem:
            raise LineDown from problem

    def write(self, data: bytes) -> None:
        """Send all of it within the deadline."""
        try:
            self._line.write(data)
        except OSError as problem:
            raise LineDown from problem

    def read(self, size: int, seconds: float) -> bytes:
        """Return what comes, one byte at least."""
        try:
            self._line.timeout = max(0.0, seconds)
            first: bytes = self._line.read(1)
            self._line.timeout = 0
            rest: bytes = self._line.read(size - 1) if first and size > 1 else b""
        except OSError as problem:
            raise LineDown from problem
        if not first:
            raise LineQuiet
        return first + rest

    def close(self) -> None:
        """Let go."""
        with suppress(Exception):  # termios.error when the cable was pulled: nothing left to save
            self._line.close()

"""The simulated Caisse-AP terminal: a TCP server for one payment at a time."""

import socket

from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import Line, LineDown
from pos.hardware.terminals.caisse_ap import COLLECTION, DEBIT, read_records, write_records
from pos.hardware.terminals.lines import TcpLine

_PATIENCE_S = 5.0
_REPEATED = ("CZ", "CJ", "CA", "CE", "CD", "CB", "CF")


class SimulatedAp(habits.SimulatedTerminal):
    """Answers records with records."""

    def open_line(self) -> Line:
        """Listen for one connection and connect to it."""
        if self._habits[habits.OFF]:
            raise LineDown
        habit = self._seized()
        if habit == habits.BUSY:
            # One that serves somebody else takes no second connection.
            raise LineDown
        server = socket.create_server(("127.0.0.1", 0))
        self._play(lambda: self._serve(server, habit))
        return TcpLine(f"127.0.0.1:{server.getsockname()[1]}")

    def _serve(self, server: socket.socket, habit: str) -> None:
        with server:
            server.settimeout(_PATIENCE_S)
            line, _from = server.accept()
        with line:
            line.settimeout(_PATIENCE_S)
            told = self._request(line)
            if not told:
                return
            cannot = told["CD"] != DEBIT and self._habits[habits.NO_REFUNDS]
            if told["CD"] == COLLECTION or cannot:
                self._answer(line, told, not cannot, habit, reason="12")
                return
            taken = self._served(told.get("CF", ""), int(told["CB"]), habit, back=told["CD"] != DEBIT)
            if habit not in (habits.VANISHES, habits.VANISHES_PAID):
                self._answer(line, told, taken, habit)

    def _request(self, line: socket.socket) -> dict[str, str]:
        """Read until the amount is there: a request has no end mark either."""
        data = b""
        while piece := line.recv(1024):
            data += piece
            told = read_records(data)
            if told and "CB" in told and "CF" in told:
                return told
        return {}

    def _answer(
        self, line: socket.socket, told: dict[str, str], taken: bool, habit: str, *, reason: str = "04"
    ) -> None:
        said = {tag: told[tag] for tag in _REPEATED if tag in told} | {"CZ": "0320", "CB": told["CB"].zfill(12)}
        if habit == habits.WRONG_AMOUNT:
            said["CB"] = f"{int(told['CB']) + 100:012d}"
        said |= {"AE": "10", "AC": f"{len(self.roll()):06d}", "CC": "00B"} if taken else {"AE": "01", "AF": reason}
        data = write_records(said)
        if habit == habits.BAD_CHECK:
            data = data[:30] + b"\x15" * 8
        if habit == habits.FRAGMENTS:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(len(data)):
                line.sendall(data[at : at + 1])
        else:
            line.sendall(data)

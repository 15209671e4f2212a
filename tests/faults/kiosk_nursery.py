"""Kiosks that start at once, for campaigns of kills: `python -m tests.faults.kiosk_nursery ARGUMENTS OF zinc…`.

Everything is imported once; each line on standard input forks a kiosk that then does what the command line does, from
its first look at its files on. Says the number of each process.
"""

import os
import signal
import sys
import traceback

from waitress import server

from kiosk import app, cli, scheduler
from kiosk.together import _die_with_parent
from pos.hardware import printer


def main(arguments: list[str]) -> None:
    """Fork a kiosk for each line."""
    # Everything a kiosk loads in its first seconds.
    assert app and scheduler and server
    printer.warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with_parent()
        # Its own words go to the log: this standard output is for numbers.
        os.dup2(2, 1)
        try:
            cli.main(arguments, standalone_mode=False)
        except BaseException:  # noqa: BLE001 - the end of a forked process
            traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

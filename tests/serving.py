"""An application served over real sockets on a free port, as on the machine it runs on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from kiosk.app import THREADS


@contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Serve `app`; give its address."""
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS, **options)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # A line that a page holds would keep the server.
        if "zinc.ear" in app.extensions:
            app.extensions["zinc.ear"].close()
            app.extensions["zinc"].board.close()
        server.task_dispatcher.shutdown(timeout=1)
        # Its own loop closes its sockets, those kept alive too, at once: closed from here it would look at them once more.
        # Awake for another reason, the server may have closed itself before it is woken.
        with suppress(OSError):
            server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join(timeout=5)
        assert not thread.is_alive()

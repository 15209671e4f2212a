"""HQ under a production server: each worker opens its own office (`gunicorn "hq.serving:application()"`)."""

import sys

from flask import Flask

from hq.app import create_app
from hq.config import read_config
from hq.retelling import settle
from hq.wiring import open_office
from pos.errors import Refusal

# A page asks the database a dozen times, and after each answer waits for its turn among threads that check batches:
# turns of a millisecond instead of five draw it a tenth to a third sooner in a herd.
TURN_S = 0.001


def application() -> Flask:
    """Return the web application of the office that the environment names."""
    sys.setswitchinterval(TURN_S)
    try:
        office = open_office(read_config())
    except Refusal as no:
        # Gunicorn stops at it, and the journal says why.
        raise RuntimeError(f"{no.what()} {no.how()}") from no
    app = create_app(office)
    settle()
    return app

"""HQ under a production server: each worker opens its own office (`gunicorn "hq.serving:application()"`)."""

from flask import Flask

from hq.app import create_app
from hq.config import read_config
from hq.wiring import open_office


def application() -> Flask:
    """Return the web application of the office that the environment names."""
    return create_app(open_office(read_config()))

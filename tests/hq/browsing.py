"""A real HTTP client of the office, signed in as somebody, as a browser of ours sends things."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.hq.made_up import PASSWORD

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}


class Browser:
    """What a person does: sign in, look, press a button."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def sign_in(self, username: str, password: str = PASSWORD) -> TestResponse:
        """Fill the sign-in form."""
        return self.post("/sign-in", username=username, password=password)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)

    def post(self, path: str, **form: object) -> TestResponse:
        """Press a button of our own pages."""
        return self.client.post(path, data=form, headers=OURS)

    def read(self, path: str) -> str:
        """Open a page that must be there; return its text."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.text


def at_once(many: int, act: Callable[[int], Any]) -> list[Any]:
    """What so many answer who act at the same moment."""
    together = Barrier(many)

    def one(n: int) -> int:
        together.wait(20)
        return act(n)

    with ThreadPoolExecutor(many) as people:
        return list(people.map(one, range(many)))

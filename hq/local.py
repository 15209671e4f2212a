"""HQ in the same process: the demo and the tests speak to it without a socket, through the same desk."""

from hq import desk
from hq.desk import Ask
from hq.wiring import Office
from sync.line import Answer, Line
from sync.wire import dump


class LocalTransport:
    """Carries requests to an office by a function call."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Return the desk's answer."""
        path, _, query = path.partition("?")
        ask = Ask(method=method, path=path, body=body, enc="gzip" if packed else "", token=token, query=query)
        reply = desk.answer(self._office, ask)
        return Answer(reply.status, reply.raw or dump(reply.message), reply.retry_after)


class LocalHq(Line):
    """HQ in process, as a line."""

    def __init__(self, office: Office) -> None:
        super().__init__(LocalTransport(office))

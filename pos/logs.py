"""The log says what the machine did, the journal what the café did. No money and nobody's name in here."""

import json
import logging
import sys
import time


class JsonLines(logging.Formatter):
    """One JSON object a line, for the journal of the box."""

    converter = time.gmtime  # type: ignore[assignment]

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time in UTC, level, logger, message, and a trace when there is one."""
        told = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "name": record.name,
            "said": record.getMessage(),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def setup_logs(*, as_json: bool = False, level: int = logging.INFO) -> None:
    """Send the log to standard error, once, before any library does it in its own way."""
    handler = logging.StreamHandler(sys.stderr)
    plain = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(JsonLines() if as_json else plain)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Four threads are meant to be busy now and then; a queue of one is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)

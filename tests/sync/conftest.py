"""The line's tests stand on HQ's fixtures: the real desk, the real databases."""

from tests.hq.conftest import hq_db, join, line, office, postgres_url

__all__ = ["hq_db", "join", "line", "office", "postgres_url"]

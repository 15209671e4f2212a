"""The floor that paying is compared with: an empty Flask route and one durable SQLite commit of the same bytes."""

import argparse
import sqlite3
import threading
from pathlib import Path

from flask import Flask, request
from waitress import create_server

# As pos/store.py opens the café's file: a floor with other settings would be another floor.
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=1000")


def make_app(path: Path) -> Flask:
    """Return an application whose only route commits the body it is sent."""
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in PRAGMAS:
        conn.execute(pragma)
    conn.execute("CREATE TABLE IF NOT EXISTS line (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")
    lock = threading.Lock()
    app = Flask("floor")

    @app.post("/commit")
    def commit() -> str:
        with lock:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("INSERT INTO line (body) VALUES (?)", (request.get_data(),))
            conn.execute("COMMIT")
        return "done"

    @app.get("/healthz")
    def healthz() -> str:
        return "well"

    return app


def main() -> None:
    """Serve the floor on a port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("port", type=int)
    told = parser.parse_args()
    create_server(make_app(told.path), host="127.0.0.1", port=told.port, threads=4, ident=None).run()


if __name__ == "__main__":
    main()

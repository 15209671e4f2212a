"""Opaque identifiers, ordered by time so that lists and indexes stay in order."""

import secrets


def new_id(now_ms: int) -> str:
    """Return 20 hex digits: 12 of time in ms, 8 of chance."""
    return f"{now_ms:012x}{secrets.token_hex(4)}"


def paper_number(typed: str, most: int = 24) -> str:
    """Return the number of a paper (delivery note, contract) as typed: no spaces, so that no sentence fits."""
    return "".join(c for c in typed if c.isascii() and (c.isalnum() or c in "-/."))[:most]

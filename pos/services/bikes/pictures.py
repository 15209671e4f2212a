"""What the bike screens show, read at once: the rack, one bike leaving, one hire, the side."""

import sqlite3
from typing import Any

from pos import private
from pos.engines import counting
from pos.i18n import _
from pos.services.bikes import reading, rules, words
from pos.services.bikes.tables import AVAILABLE, CASH, CODE, OUT

Conn = sqlite3.Connection


def side(conn: Conn, day: str, now: int) -> dict[str, Any]:
    """Return what stands at the right of every screen: who is out, deposits to hand back, what is not paid."""
    terms = rules.in_force(conn, day)
    return {
        "rack": reading.rack(conn), "day": day, "typed": counting.total_of(conn, day, CODE),
        "out": [_row(conn, row, terms, now) for row in reading.out(conn)][:40],
        "release": [_row(conn, row, terms, now) for row in reading.to_release(conn)][:20],
        "held": sum(row["held"] for row in reading.held(conn)), "cash": reading.held_total(conn, CASH),
    }  # fmt: skip


def _row(conn: Conn, row: sqlite3.Row, terms: rules.Terms, now: int) -> dict[str, Any]:
    minutes = (now - row["due_at"]) // 60_000
    same_day = words.day_of(row["due_at"]) == words.day_of(now)
    return {
        "rental": row["rental"], "number": row["bike_number"], "name": private.name_of(conn, row["person"]),
        "due": words.hour(row["due_at"]) if same_day else words.moment(row["due_at"]), "held": row["held"],
        "rule": words.rule(row["rule"]), "late": minutes > terms.grace_minutes, "over": minutes > 0,
        "kind": words.said(words.DEPOSITS, row["deposit_kind"]),
    }  # fmt: skip


def board(conn: Conn, day: str) -> dict[str, Any]:
    """Return the rack as tiles, and what passing cyclists used today."""
    taps = reading.welcomes(conn, day, day)
    return {
        "bikes": [
            {
                "bike": row["bike"], "number": row["number"], "sort": words.said(words.SORTS, row["sort"]), "label": row["label"],
                "state": row["state"], "said": words.said(words.STATES, row["state"]), "rental": row["rental"],
                "free": row["state"] == AVAILABLE, "why": words.said(words.DAMAGES, row["reason"]).lower() if row["reason"] else "",
            }
            for row in reading.fleet(conn)
        ],
        "welcomes": [(code, _(word), taps.get(code, 0)) for code, word in words.WELCOMES.items()],
    }  # fmt: skip


def leaving(conn: Conn, bike: sqlite3.Row, day: str) -> dict[str, Any]:
    """Return one bike about to leave: lengths with prices, and the others that may go along."""
    return {
        "it": bike, "sort": words.said(words.SORTS, bike["sort"]),
        "lengths": [(one, words.rule(one.rule)) for one in rules.lengths(conn, bike["sort"], day)],
        "others": [row for row in reading.fleet(conn) if row["state"] == AVAILABLE and row["bike"] != bike["bike"]][:7],
        "deposits": [(code, _(word)) for code, word in words.DEPOSITS.items() if bike["deposit"] == 0 or code != "none"],
        "proofs": [(code, _(word)) for code, word in words.PROOFS.items()],
        "accessories": [(code, _(word)) for code, word in words.ACCESSORIES.items()],
        "conditions": [(code, _(word)) for code, word in words.CONDITIONS.items()],
    }  # fmt: skip


def hire(conn: Conn, row: sqlite3.Row, now: int) -> dict[str, Any]:
    """Return one hire: where it stands, what would be due if the bike were back now."""
    minutes, late = rules.in_force(conn, row["day"]).late(row["due_at"], now)
    facts = private.recall(conn, row["person"]) if row["person"] else {}
    charges = reading.charges(conn, row["rental"])
    return {
        "it": row, "here": row["state"] == OUT, "name": str(facts.get("name", "")), "phone": str(facts.get("phone", "")),
        "cheque": str(facts.get(f"cheque_{row['contract']}", "")), "rule": words.rule(row["rule"]),
        "out": words.moment(row["out_at"]), "due": words.moment(row["due_at"]), "minutes": minutes, "late": late,
        "back": words.moment(row["back_at"]) if row["back_at"] else "", "sort": words.said(words.SORTS, row["sort"]),
        "kind": words.said(words.DEPOSITS, row["deposit_kind"]), "cash": row["deposit_kind"] == CASH,
        "accessories": [(code, words.said(words.ACCESSORIES, code)) for code in row["accessories"].split()],
        "damages": [(code, _(word)) for code, word in words.DAMAGES.items()],
        "found": [words.said(words.DAMAGES, code) for code in row["damages"].split()],
        "state": words.said({**words.STATES, **words.ENDS}, row["state"]),
        "charges": [(one, words.said(words.CHARGES, one["what"])) for one in charges],
        "owed": sum(one["due"] for one in reading.open_charges(conn, row["rental"])),
        "can_cancel": row["state"] == OUT and not any(one["paid"] > 0 for one in charges),
    }  # fmt: skip

"""What the meals' screens show, names joined in from the private store."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos import private
from pos.engines import calendar, counting
from pos.i18n import _
from pos.services.meals import reading, rules, words
from pos.services.meals.events import UNMEASURED
from pos.services.meals.schema import (
    ABSENT,
    ACCEPTED,
    DECLINED,
    DELIVERED,
    DELIVERED_USE,
    ENDED,
    FUNDED,
    HOME,
    OFFERED,
    OUT,
    PLANNED,
    PREPARED,
    SERVED,
)  # fmt: skip
from pos.services.meals.slips import Eater
from pos.till import tables as till

Conn = sqlite3.Connection
# The plan looks so many open days ahead.
PLAN_DAYS = 7
_TONES = {DELIVERED: "good", SERVED: "good", ABSENT: "warn", OUT: "info"}
# What is still to do comes first: doors that stayed closed, then the round, then the kitchen.
_RANK = {ABSENT: 0, OUT: 1, PREPARED: 2, PLANNED: 3, DECLINED: 4}


@dataclass(frozen=True, slots=True)
class Row:
    """A meal as a line of the screen."""

    meal: str
    number: int
    name: str
    where: str
    allergies: str
    diet: str
    home: bool
    code: str
    state: str
    sign: str
    tone: str
    hour: str
    to_call: bool
    paid_by: str


def name_of(conn: Conn, row: sqlite3.Row) -> str:
    """Return a person's name, or a number once forgotten."""
    return private.name_of(conn, row["beneficiary"]) or _("Person no. %(number)s, forgotten", number=_number(conn, row))


def _number(conn: Conn, row: sqlite3.Row) -> int:
    if "number" in row.keys() and "meal" not in row.keys():  # noqa: SIM118
        return int(row["number"])
    return int(reading.person(conn, row["beneficiary"])["number"])


def label_of_funder(conn: Conn, code: str, month: str) -> str:
    """Return who pays, in words."""
    row = rules.funder(conn, code, month) if code else None
    return str(row["label"]) if row else _("The person pays")


def row_of(conn: Conn, row: sqlite3.Row) -> Row:
    """Return a meal's line."""
    facts = private.recall(conn, row["beneficiary"])
    state = row["state"]
    call = bool(row["absent_at"]) and row["outcome"] in ("", "no_answer") and state != SERVED
    return Row(
        row["meal"], row["number"], name_of(conn, row),
        str(facts.get("address", "")) if row["place"] == HOME else words.place(row["place"]),
        str(facts.get("allergies", "")), str(facts.get("diet", "")), row["place"] == HOME, state, words.state(state),
        words.SIGNS[state], _TONES.get(state, ""), rules.said_hour(row["done_at"]) if row["done_at"] else "", call,
        label_of_funder(conn, row["funder"], row["for_day"]),
    )  # fmt: skip


def board(conn: Conn, day: str) -> dict[str, Any]:
    """Return a day: its meals, what is next."""
    meals = sorted(reading.of_day(conn, day), key=lambda row: (_RANK.get(row["state"], 9), row["number"]))
    rows = [row_of(conn, row) for row in meals]
    states = [(row.code, row.home) for row in rows]
    return {
        "rows": rows, "planned": sum(code == PLANNED for code, _home in states), "day": day,
        "to_carry": sum(code == PREPARED and home for code, home in states),
        "rounds": [row for row in reading.rounds(conn, day) if row["metres"] < 0],
        "due": [] if reading.is_closed(conn, day) else reading.due(conn, day),
    }  # fmt: skip


def side(conn: Conn, day: str) -> dict[str, Any]:
    """Return what stands at the right: counts of today, calls, partners' months."""
    told = reading.sheet(conn, day, day)
    return {
        "day": day, "told": told, "done": told.delivered + told.served, "funders": reading.funder_months(conn, day[:7]),
        "calls": [_call(conn, row) for row in reading.to_call(conn)], "left": len(reading.left_open(conn, _before(day))),
    }  # fmt: skip


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _call(conn: Conn, row: sqlite3.Row) -> dict[str, Any]:
    facts = private.recall(conn, row["beneficiary"])
    return {
        "meal": row["meal"], "name": name_of(conn, row), "contact": facts.get("contact_name", ""),
        "phone": facts.get("contact_phone", ""), "since": rules.said_hour(row["absent_at"]),
    }  # fmt: skip


def one_meal(conn: Conn, meal_id: str) -> dict[str, Any]:
    """Return all that a meal's page shows."""
    row = reading.meal(conn, meal_id)
    facts = private.recall(conn, row["beneficiary"])
    shown = [
        (_("Eaten"), words.place(row["place"])), (_("Address"), facts.get("address", "")), (_("Way in"), facts.get("way", "")),
        (_("Telephone"), facts.get("phone", "")), (_("Diet"), facts.get("diet", "")),
        (_("Left at"), rules.said_hour(row["left_at"]) if row["left_at"] else ""),
        (_("Hour"), rules.said_hour(row["done_at"]) if row["done_at"] else ""),
        (_("Temperature"), rules.said_degrees(row["temperature"]) if row["temperature"] != UNMEASURED else ""),
        (_("Call"), words.outcome(row["outcome"])),
    ]  # fmt: skip
    return {
        "row": row, "line": row_of(conn, row), "facts": [(said, value) for said, value in shown if value],
        "allergies": facts.get("allergies", ""), "call": _call(conn, row) if row["absent_at"] else None,
        "outcomes": [(code, _(word)) for code, word in words.OUTCOMES.items()], "state": row["state"],
        "funders": [(one.code, one.label, one.left) for one in reading.funder_months(conn, row["for_day"][:7])],
        "may_change": row["state"] not in (*FUNDED, "cancelled") and not row["paid_no"],
    }  # fmt: skip


def plan_days(conn: Conn, today: str) -> list[tuple[str, int]]:
    """Return the next open days with their meals, ordered or expected."""
    out, day = [], today
    if calendar.is_open(conn, today):
        out.append(today)
    while len(out) < PLAN_DAYS and (after := calendar.next_open_day(conn, day)) != day:
        out.append(after)
        day = after
    return [(one, len(reading.of_day(conn, one)) + len(reading.due(conn, one))) for one in out]


def plan(conn: Conn, day: str, today: str, now_ms: int) -> dict[str, Any]:
    """Return the plan of a day: meals ordered, subscribers expected, who may be added."""
    rows = [row_of(conn, row) for row in reading.of_day(conn, day)]
    due = [
        {"beneficiary": row["beneficiary"], "name": name_of(conn, row), "place": words.place(row["place"]),
         "paid_by": label_of_funder(conn, row["funder"], day)}
        for row in reading.due(conn, day)
    ]  # fmt: skip
    taken = {
        one[0]
        for one in conn.execute("SELECT beneficiary FROM meal_meal WHERE for_day = ? AND state <> 'cancelled'", (day,))
    }
    free = [
        (row["beneficiary"], name_of(conn, row))
        for row in reading.people(conn)
        if row["state"] == ACCEPTED and row["beneficiary"] not in taken
    ]
    return {
        "day": day, "rows": rows, "due": due, "closed": reading.is_closed(conn, day), "days": plan_days(conn, today),
        "free": sorted(free, key=lambda one: private.fold(one[1])), "late": now_ms > rules.cut_off_ms(conn, day),
        "cut_off": rules.terms(conn, day).cut_off, "funders": [(one.code, one.label, one.left) for one in reading.funder_months(conn, day[:7])],
        "shut": not calendar.is_open(conn, day),
    }  # fmt: skip


def people(conn: Conn, day: str, *, allergies: bool = False) -> list[dict[str, Any]]:
    """Return the beneficiaries; only those with an allergy or a diet when asked."""
    owing, out = reading.debtors(conn, day), []
    for row in reading.people(conn):
        facts = private.recall(conn, row["beneficiary"])
        one = {
            "beneficiary": row["beneficiary"], "number": row["number"], "name": name_of(conn, row), "state": row["state"],
            "allergies": facts.get("allergies", ""), "diet": facts.get("diet", ""), "owing": owing.get(row["beneficiary"], 0),
            "days": " ".join(words.short_weekday(int(n)) for n in row["weekdays"]), "place": words.place(row["place"]) if row["weekdays"] else "",
            "paused": any(p["first"] <= day for p in reading.pauses(conn, row["beneficiary"], day)),
        }  # fmt: skip
        if not allergies or one["allergies"] or one["diet"]:
            out.append(one)
    return sorted(out, key=lambda one: private.fold(str(one["name"])))


def person(conn: Conn, beneficiary: str, day: str) -> dict[str, Any]:
    """Return all that a person's page shows."""
    row = reading.person(conn, beneficiary)
    meals = conn.execute(
        "SELECT * FROM meal_meal WHERE beneficiary = ? AND state <> 'cancelled' ORDER BY for_day DESC LIMIT 30",
        (beneficiary,),
    ).fetchall()
    return {
        "row": row, "name": name_of(conn, row), "facts": private.recall(conn, beneficiary), "accepted": row["state"] == ACCEPTED,
        "ended": row["state"] == ENDED, "pauses": reading.pauses(conn, beneficiary, day),
        "meals": [(one["for_day"], row_of(conn, one)) for one in meals], "unpaid": len(reading.unpaid(conn, beneficiary, day)),
        "funders": [(one.code, one.label) for one in reading.funder_months(conn, day[:7])],
        "weekdays": [(n, words.short_weekday(n), str(n) in row["weekdays"]) for n in range(7)],
    }  # fmt: skip


def month(conn: Conn, span: str, today: str) -> dict[str, Any]:
    """Return a month: counts, partners, temperatures out of their limit."""
    first, last = f"{span}-01", rules.last_day(span)
    register = reading.probes(conn, first, last)
    return {
        "span": span, "title": words.month(span), "told": reading.sheet(conn, first, last), "over": today >= last,
        "funders": reading.funder_months(conn, span), "measures": len(register), "bad": sum(not row["good"] for row in register),
        "km": words.kilometres(reading.sheet(conn, first, last).metres), "before": _before(first)[:7],
        "after": after if (after := _after(last)) <= today[:7] else "",
        "typed": {code: counting.total_of(conn, today, code) for code in (OFFERED, DELIVERED_USE)},
    }  # fmt: skip


def _after(last: str) -> str:
    return (date.fromisoformat(last) + timedelta(days=1)).isoformat()[:7]


def eater(conn: Conn, row: sqlite3.Row) -> Eater:
    """Return a meal with all that paper needs; only a person's own house holds it."""
    facts = private.recall(conn, row["beneficiary"])
    contact = " ".join(str(facts.get(key, "")) for key in ("contact_name", "contact_phone")).strip()
    return Eater(
        row["number"], name_of(conn, row), row["place"], str(facts.get("diet", "")), str(facts.get("allergies", "")),
        str(facts.get("address", "")), str(facts.get("way", "")), str(facts.get("phone", "")), contact,
    )  # fmt: skip


def settings(conn: Conn, day: str) -> dict[str, Any]:
    """Return prices, hour and partners as they stand."""
    return {
        "terms": rules.terms(conn, day),
        "partners": rules.funders(conn, day[:7]),
        "offered": till.product(conn, "meals_offered"),
    }

#!/usr/bin/env python3
"""Vérificateur autonome d’une archive de caisse Zinc : un seul fichier, Python 3.8 ou plus, rien à installer.

    python3 verifier.py ARCHIVE.zip      une archive, ou le dossier où elle a été dépliée
    python3 verifier.py cafe.db          la base entière d’un café
    python3 verifier.py … --all-seals    vérifie aussi le sceau de chaque écriture, une à une

Il relit chaque écriture telle qu’elle a été écrite, refait la chaîne des empreintes, suit les numéros,
recalcule chaque clôture à partir des ventes et vérifie les signatures Ed25519 des clôtures. Il dit
« intacte » (code 0) ou nomme la première anomalie et son écriture (code 1). Code 2 : rien à lire.

One file on purpose: it travels inside each archive and must run where Zinc never was.
"""

import argparse
import hashlib
import json
import sqlite3
import sys
import time
import zipfile
import zlib
from pathlib import Path

# ── Ed25519 (RFC 8032) en Python pur ─────────────────────────────────────────────────────────
# Les deux bases (B et la clé) servent des milliers de fois : on calcule une fois leurs multiples,
# et une signature ne coûte plus que 64 additions, sans doublement.

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _point(y, odd):
    """Rend l’abscisse d’un point de la courbe, ou None."""
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == (-u) % _P:
        x = x * _ROOT % _P
    if v * x * x % _P != u or (x == 0 and odd):
        return None
    return _P - x if x & 1 != odd else x


def _add(one, two):
    """Additionne deux points (coordonnées étendues)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % _P, (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * _D * one[3] * two[3] % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiples(x, y):
    """Rend, pour chaque octet d’un nombre, les 255 multiples du point : (y+x, y−x, 2dxy)."""
    rows, point = [], (x, y, 1, x * y % _P)
    for _ in range(32):
        row = [point]
        for _ in range(254):
            row.append(_add(row[-1], point))
        rows += row
        point = _add(row[-1], point)
    products, running = [], 1
    for one in rows:
        products.append(running)
        running = running * one[2] % _P
    inverse, flat = pow(running, _P - 2, _P), []
    for one, before in zip(reversed(rows), reversed(products)):
        z = inverse * before % _P
        inverse = inverse * one[2] % _P
        ax, ay = one[0] * z % _P, one[1] * z % _P
        flat.append(((ay + ax) % _P, (ay - ax) % _P, 2 * _D * ax * ay % _P))
    flat.reverse()
    return [[None, *flat[i * 255 : i * 255 + 255]] for i in range(32)]


def _walk(point, table, digits):
    """Ajoute à un point le multiple que disent les octets de `digits`."""
    x, y, z, t = point
    p = _P
    for row, digit in zip(table, digits):
        if digit:
            plus, minus, product = row[digit]
            a, b, c, d = (y - x) * minus % p, (y + x) * plus % p, t * product % p, z + z
            e, f, g, h = b - a, d - c, d + c, b + a
            x, y, z, t = e * f % p, g * h % p, f * g % p, e * h % p
    return x, y, z, t


class Key:
    """Une clé publique Ed25519 de 32 octets."""

    _base = None

    def __init__(self, raw):
        self.raw = raw
        self.kid = domain_hash(b"zinc/key/1", raw)[:8].hex()
        self._table = None
        number = int.from_bytes(raw, "little")
        self._y = number & (2**255 - 1)
        self._x = _point(self._y, number >> 255) if len(raw) == 32 and self._y < _P else None
        if self._x is not None:
            eight = (self._x, self._y, 1, self._x * self._y % _P)
            for _ in range(3):
                eight = _add(eight, eight)
            if eight[0] == 0:
                self._x = None

    def signed(self, domain, message, signature):
        """Dit si `signature` est celle de cette clé sur le domaine et le message."""
        if self._x is None or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= _ORDER:
            return False
        if Key._base is None:
            Key._base = _multiples(_point(_BASE_Y, 0), _BASE_Y)
        if self._table is None:
            # Les multiples de −A : on vérifie que S·B − h·A est R.
            self._table = _multiples(_P - self._x, self._y)
        told = hashlib.sha512(signature[:32] + self.raw + domain + b"\0" + message).digest()
        h = (int.from_bytes(told, "little") % _ORDER).to_bytes(32, "little")
        point = _walk(_walk((0, 1, 1, 0), Key._base, signature[32:]), self._table, h)
        inverse = pow(point[2], _P - 2, _P)
        x, y = point[0] * inverse % _P, point[1] * inverse % _P
        return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


_KEYS = {}


def key(raw):
    """Rend la clé de ces octets ; ses multiples ne sont calculés qu’une fois."""
    if raw not in _KEYS:
        _KEYS[raw] = Key(raw)
    return _KEYS[raw]


# ── Empreintes et anomalies ──────────────────────────────────────────────────────────────────

ENTRY, GENESIS, SEAL, HEAD, ACK, GRANT, ARCHIVE, HQ_KEY = (
    b"zinc/entry/1", b"zinc/genesis/1", b"zinc/seal/1", b"zinc/head/1", b"zinc/ack/1", b"zinc/grant/1",
    b"zinc/archive/1", b"zinc/hqkey/1",
)  # fmt: skip
_ENTRY = hashlib.sha256(ENTRY + b"\0")
CLOSURES = ("till.day_closed", "till.month_closed", "till.year_closed")


def domain_hash(domain, *parts):
    """SHA-256 d’un nom de domaine, d’un octet nul et des morceaux."""
    return hashlib.sha256(domain + b"\0" + b"".join(parts)).digest()


class Fault(Exception):
    """Une anomalie : son code, le journal et l’écriture où elle est, et sa phrase."""

    def __init__(self, code, text, seq=-1, jid=""):
        super().__init__(text if seq < 0 else "{} (écriture {})".format(text, seq))
        self.code, self.text, self.seq, self.jid = code, text, seq, jid


class Unreadable(Exception):
    """Ce n’est ni une archive ni une base de Zinc."""


def euros(cents):
    """Écrit des centimes comme on les lit."""
    sign = "-" if cents < 0 else ""
    return "{}{},{:02d} €".format(sign, abs(cents) // 100, abs(cents) % 100)


# ── Le grand livre : ce que les écritures donnent, pour le comparer aux clôtures ─────────────

# Ce qui n’est pas du chiffre d’affaires : l’argent des tiers, les avances, dons, créances, cotisations.
OFF_TURNOVER = frozenset(("HC_TIERS", "HC_BON", "HC_DON", "HC_CREANCE", "HC_COTISATION"))


def next_month(month):
    """Rend le mois d’après : « 2026-12 » donne « 2027-01 »."""
    year, number = int(month[:4]), int(month[5:7])
    return "{:04d}-{:02d}".format(year + number // 12, number % 12 + 1)


class Year:
    """Un exercice : ses mois, d’après le mois par lequel il commence."""

    def __init__(self, month, starts, first=""):
        def begins(one):
            told = [number for since, number in starts if since <= one]
            return int(one[5:7]) == (told[-1] if told else 1)

        # Là où le premier mois change, l’exercice d’avant va jusqu’au mois où le nouveau commence.
        self.first = first or month
        while not first and not begins(self.first):
            year, number = int(self.first[:4]), int(self.first[5:7])
            self.first = "{:04d}-{:02d}".format(year - (number == 1), (number - 2) % 12 + 1)
        self.months = [self.first]
        while not begins(next_month(self.months[-1])):
            self.months.append(next_month(self.months[-1]))
        last = self.months[-1]
        self.name = self.first[:4] if self.first[:4] == last[:4] else self.first[:4] + "-" + last[:4]


class Day:
    """Ce qu’un jour additionne : pour chaque rubrique et chaque clé, un montant, un HT, un nombre."""

    def __init__(self):
        self.opened_at, self.opened_seq, self.float_cents, self.opened = 0, 0, 0, False
        self.first_no, self.last_no, self.sums = 0, 0, {}

    def add(self, what, name, amount, net=0, n=1):
        """Ajoute à une rubrique."""
        row = self.sums.get((what, name))
        if row is None:
            self.sums[what, name] = [amount, net, n]
        else:
            row[0] += amount
            row[1] += net
            row[2] += n

    def of(self, what):
        """Rend une rubrique : {clé : [montant, HT, nombre]}."""
        return {name: row for (kind, name), row in self.sums.items() if kind == what}

    def amount(self, what, name):
        """Rend un montant, 0 s’il n’y a rien."""
        return self.sums.get((what, name), (0, 0, 0))[0]

    def n(self, what, name):
        """Rend un nombre, 0 s’il n’y a rien."""
        return self.sums.get((what, name), (0, 0, 0))[2]


class Book:
    """Suit les écritures dans l’ordre et compare chaque clôture à ce qu’elles donnent."""

    def __init__(self):
        # Un numéro inconnu (None) est celui d’une série commencée avant l’archive.
        self.numbers = {"no": 0, "z": 0, "month": 0, "year": 0}
        self.perpetual = self.absolute = 0
        self.spans, self.owners, self.days = {}, {}, {}
        self.sales = self.refunds = self.closures = 0
        self.ended = 0
        # Au siège, après une réparation, les clôtures de la caisse parlent d’écritures rangées ailleurs.
        self.at_hq = self.blind = False
        # Les mois : ce que leurs jours clos additionnent, et [jours, premier Z, dernier Z, premier ticket, dernier].
        self.months, self.ranges, self.first_month, self.closed_up_to = {}, {}, "", ""
        self.starts, self.year_end, self.last_seq = [], "", {"month": -1, "year": -1}
        # Où en est le journal d’école, d’après le vrai : {nom : {numéro : empreinte}}.
        self.training = {}
        # Une archive de période : son jour de départ, et ce que l’exercice avait déjà fait avant ce mois.
        self.since, self.already = "", {}
        self._acts = {
            "till.sale_completed": self._sold, "till.sale_refunded": self._refunded, "till.day_opened": self._opened,
            "till.day_closed": self._closed, "till.line_voided": self._counted("voided_lines", "gross"),
            "till.tab_voided": self._counted("voided_tabs", "total"), "till.receipt_printed": self._printed,
            "till.drawer_opened": self._counted("drawer_openings", None), "till.payment_taken": self._part(1),
            "till.payment_undone": self._part(-1), "till.cash_moved": self._moved,
            "till.third_party_settled": self._settled, "till.third_party_moved": self._third_party,
            "till.commission_kept": self._commission, "till.cash_counted": self._late_count, "till.month_closed": self._month_closed,
            "till.year_closed": self._year_closed, "till.accounting_year_set": self._year_set, "journal.continued": self._continued,
            "journal.tail_found": self._continued,
            "till.payment_corrected": self._corrected, "till.invoiced": self._invoiced("facture"),
            "till.credited": self._invoiced("avoir de facture"), "till.training_ended": self._trained,
        }  # fmt: skip

    def tell(self, entry, before):
        """Compte une écriture ; `before` est l’empreinte de celle d’avant."""
        act = self._acts.get(entry["kind"])
        if act is not None and not self.blind:
            act(entry, entry["data"], before)

    def start_from(self, data):
        """Reprend à une clôture de jour : ses totaux sont le point de départ d’une archive de période."""
        self.numbers = {"no": data["last_no"], "z": data["z"], "month": None, "year": None}
        self.perpetual, self.absolute = data["perpetual"], data["perpetual_absolute"]
        month, year, done = data["day"][:7], data["day"][:4], data.get("month_to_date", 0)
        self.spans = {month: done, year: data.get("year_to_date", 0)}
        self.already = {year + "-01": data.get("year_to_date", 0) - done}
        if data.get("exercice_from"):
            self.starts = [("", int(data["exercice_from"][5:7]))]
            self.already[data["exercice_from"]] = data["exercice_to_date"] - done
        self.last_seq = {"month": None, "year": None}
        self.owners = {one["owner"]: one["balance"] for one in data["third_parties"]}
        self.since = data["day"][:10]

    def _continued(self, _entry, data, _before):
        """Une panne passée, les numéros et les totaux que le siège ou une clé retrouvée connaît sont repris."""
        for series in ("no", "z"):
            self.numbers[series] = max(self.numbers[series] or 0, data[series])
        if self.at_hq:
            self.blind = True
            return
        self.perpetual += data["turnover"]
        self.absolute += data["absolute"]
        for told, into in ((data.get("spans", ()), self.spans), (data.get("owners", ()), self.owners)):
            for one in told:
                into[one["key"]] = into.get(one["key"], 0) + one["amount"]

    def day(self, label):
        """Rend le jour de ce nom."""
        if label not in self.days:
            self.days[label] = Day()
        return self.days[label]

    def number(self, series, found, what):
        """Un numéro suit le précédent, sans trou ni doublon."""
        if self.numbers[series] is not None and found != self.numbers[series] + 1:
            raise Fault("number", "{} n° {} attendu, n° {} trouvé".format(what, self.numbers[series] + 1, found))
        self.numbers[series] = found

    def _sold(self, entry, data, _before):
        self.sales += 1
        day = self._ticket(entry, data, "tickets")
        cashback = data.get("cashback", 0)
        if cashback:
            day.add("cash", "cashback", -cashback)
            day.add("means", "card", cashback, 0, 0)
            day.add("means", "cash", -cashback, 0, 0)
        early = sum(one["amount"] for one in data["payments"] if one.get("before") and one["means"] == "cash")
        if early:
            day.add("cash", "open_tabs", -early)

    def _refunded(self, entry, data, _before):
        self.refunds += 1
        if not 0 < data["original"] < data["no"]:
            raise Fault("number", "l’avoir n° {} porte sur le ticket n° {}".format(data["no"], data["original"]))
        self._ticket(entry, data, "refunds")

    def _ticket(self, entry, data, count):
        """Ce qu’une vente et un avoir disent tous deux : numéro, sommes, TVA, moyens, argent des tiers."""
        label, total, turnover = data["day"], data["total"], data["turnover"]
        day = self.day(label)
        self.number("no", data["no"], "ticket")
        if not day.opened or label[:10] <= self.closed_up_to:
            raise Fault("closed", "le ticket n° {} est écrit dans un jour qui n’est pas ouvert".format(data["no"]))
        day.first_no, day.last_no = day.first_no or data["no"], data["no"]
        rates, paid = {}, self._paid(day, data["payments"])
        lines, own = self._lines(day, data["lines"], rates)
        if not lines == total == paid or own != turnover:
            text = "ticket n° {} : lignes {}, total {}, payé {}, chiffre d’affaires {}"
            raise Fault("sum", text.format(data["no"], *[euros(one) for one in (lines, total, paid, turnover)]))
        if {one["bp"]: [one["gross"], one["net"]] for one in data.get("vat", ())} != rates:
            raise Fault("sum", "ticket n° {} : la TVA par taux n’est pas celle de ses lignes".format(data["no"]))
        for one in data.get("vat", ()):
            day.add("vat", str(one["bp"]), one["gross"], one["net"])
        for one in data.get("off", ()):
            day.add("off", one["code"] + ":" + one["owner"], one["amount"])
            if one["owner"]:
                self.owners[one["owner"]] = self.owners.get(one["owner"], 0) + one["amount"]
                day.add("taken", one["owner"], one["amount"])
        day.add("op", entry["op"], turnover)
        day.add("turnover", "own", turnover)
        day.add("count", count, total)
        self.perpetual += turnover
        self.absolute += abs(turnover)
        for span in (label[:7], label[:4]):
            self.spans[span] = self.spans.get(span, 0) + turnover
        return day

    @staticmethod
    def _lines(day, lines, rates):
        """Additionne les lignes ; rend leur total et la part du café, remplit la TVA par taux."""
        total = own = 0
        for one in lines:
            gross, code = one["gross"], one.get("vat_code", "")
            total += gross
            if code not in OFF_TURNOVER:
                own += gross
                day.add("family", one.get("family", ""), gross)
                day.add("mode", "takeaway" if one.get("takeaway") else "onsite", gross)
            if not code:
                rate = rates.setdefault(one.get("vat", 0), [0, 0])
                rate[0] += gross
                rate[1] += one["net"]
        return total, own

    def _paid(self, day, payments):
        total = 0
        for one in payments:
            amount, owner = one["amount"], one.get("owner", "")
            total += amount
            day.add("means", one["means"], amount)
            if one["means"] == "cash":
                day.add("cash", "sales", amount)
            if owner:
                self.owners[owner] = self.owners.get(owner, 0) - amount
                day.add("settled", owner, amount)
        return total

    def _opened(self, entry, data, _before):
        day = self.day(data["day"])
        if day.opened or data["day"][:10] <= self.closed_up_to:
            raise Fault("closed", "le jour {} est ouvert deux fois, ou dans un mois clos".format(data["day"]))
        day.opened, day.opened_at, day.opened_seq, day.float_cents = True, entry["t"], entry["seq"], data["float_cents"]
        day.add("cash", "float", data["float_cents"])
        self.first_month = self.first_month or data["day"][:7]

    @staticmethod
    def _sum_of(data, field):
        return data[field] if field else 0

    def _counted(self, name, field):
        def act(_entry, data, _before):
            self.day(data["day"]).add("count", name, self._sum_of(data, field))

        return act

    def _printed(self, _entry, data, _before):
        self.day(data["day"]).add("count", "duplicates" if data["copy"] else "receipts", 0)

    def _part(self, sign):
        def act(_entry, data, _before):
            if data["means"] == "cash":
                self.day(data["day"]).add("cash", "open_tabs", sign * data["amount"])

        return act

    def _moved(self, _entry, data, _before):
        self.day(data["day"]).add("cash", "in" if data["amount"] > 0 else "out", data["amount"])

    def _settled(self, _entry, data, _before):
        self.owners[data["owner"]] = self.owners.get(data["owner"], 0) - data["amount"]
        day = self.day(data["day"])
        day.add("settled", data["owner"], data["amount"])
        if data["means"] == "cash":
            day.add("cash", "settled", -data["amount"])

    def _third_party(self, _entry, data, _before):
        amount = data["amount"]
        self.owners[data["owner"]] = self.owners.get(data["owner"], 0) + amount
        day = self.day(data["day"])
        day.add("taken" if amount > 0 else "settled", data["owner"], abs(amount))
        if data["means"] == "cash":
            day.add("cash", "third", amount)

    def _corrected(self, _entry, data, _before):
        day = self.day(data["day"])
        for means, cents in ((data["was"], -data["amount"]), (data["now"], data["amount"])):
            day.add("means", means, cents, 0, 0)
            if means == "cash":
                day.add("cash", "sales", cents, 0, 0)

    def _invoiced(self, what):
        def act(_entry, data, _before):
            series = (what, data["year"])
            # Une série commencée avant l’archive se suit à partir de son premier numéro vu.
            self.numbers.setdefault(series, None if self.since[:4] >= str(data["year"]) else 0)
            self.number(series, data["n"], "{} de {}".format(what, data["year"]))

        return act

    def _trained(self, _entry, data, _before):
        self.training.setdefault(data["journal"], {})[data["head_seq"]] = data["head"]

    def _commission(self, _entry, data, _before):
        self.owners[data["owner"]] = self.owners.get(data["owner"], 0) - data["amount"]

    def _closed(self, entry, data, before):
        self.number("z", data["z"], "clôture Z")
        day = self.days.get(data["day"])
        if day is None or not day.opened:
            raise Fault("closed", "la clôture Z {} ferme un jour qui n’est pas ouvert".format(data["z"]))
        _compare("clôture Z {}".format(data["z"]), data, self._day_of(entry, data, day, before))
        counted = data.get("counted", -1)
        if data.get("difference", 0) != (0 if counted < 0 else counted - data["expected"]):
            raise Fault(
                "closure", "clôture Z {} : l’écart de caisse n’est pas le compté moins l’attendu".format(data["z"])
            )
        self.closures += 1
        self.ended = data["z"]
        del self.days[data["day"]]
        self._add_to_month(data, day)

    def _add_to_month(self, data, day):
        """Un mois n’est que la somme des clôtures de ses jours."""
        label = data["day"][:7]
        month = self.months.setdefault(label, Day())
        for (what, name), (amount, net, n) in day.sums.items():
            if what != "op" and name not in ("float", "open_tabs"):
                month.add(what, name, amount, net, n)
        month.add("cash", "difference", data.get("difference", 0))
        found = self.ranges.setdefault(label, [0, data["z"], data["z"], 0, 0])
        found[0], found[2] = found[0] + 1, data["z"]
        found[3], found[4] = found[3] or day.first_no, day.last_no or found[4]

    def _late_count(self, _entry, data, _before):
        """Un comptage d’après le Z est dit par son mois, ou par le premier encore ouvert."""
        day = self.days.get(data["day"])
        if day is None or not day.opened:
            still = next_month(self.closed_up_to[:7]) if self.closed_up_to else ""
            month = self.months.setdefault(max(data["day"][:7], still), Day())
            month.add("cash", "counted_after", data["difference"])

    def _whole(self, month):
        """Dit si l’archive a vu tout ce mois."""
        return month > self.since[:7]

    def _to_date(self, year, month):
        """Chiffre d’affaires de l’exercice jusqu’à la fin de ce mois."""
        return self.already.get(year.first, 0) + sum(self.spans.get(one, 0) for one in year.months if one <= month)

    def _year_set(self, _entry, data, _before):
        self.starts.append((data["valid_from"][:7], data["first_month"]))

    def _month_closed(self, entry, data, before):
        self.number("month", data["number"], "clôture de mois")
        month = next_month(self.closed_up_to[:7]) if self.closed_up_to else self.first_month or data["period"]
        if self.since and not self.closed_up_to:
            month = data["period"]
        if not month or any(label[:7] <= month and day.opened for label, day in self.days.items()):
            raise Fault("closed", "la clôture du mois {} laisse un jour ouvert".format(data["period"]))
        self.closed_up_to = data["last_day"]
        self._period(entry, data, ("month", month, [month], Year(month, self.starts)), before)

    def _year_closed(self, entry, data, before):
        self.number("year", data["number"], "clôture d’exercice")
        first = next_month(self.year_end[:7]) if self.year_end else ""
        if self.since and not self.year_end:
            first = data["first_day"][:7]
        year = Year(first or self.first_month or "2000-01", self.starts, first)
        if year.months[-1] > self.closed_up_to[:7]:
            raise Fault("closed", "l’exercice {} est clos avant son dernier mois".format(data["period"]))
        self.year_end = data["last_day"]
        self._period(entry, data, ("year", year.name, year.months, year), before)

    def _period(self, entry, data, asked, before):
        """Compare la clôture d’un mois ou d’un exercice à la somme de ses jours."""
        series, name, months, year = asked
        total = Day()
        for month in months:
            for (what, key_), (amount, net, n) in self.months.get(month, _NOTHING).sums.items():
                total.add(what, key_, amount, net, n)
        ranges = [self.ranges[month] for month in months if month in self.ranges]
        expected = {
            "period": (name, "la période"), "days": (sum(one[0] for one in ranges), "le nombre de jours"),
            "first_z": (ranges[0][1] if ranges else 0, "le nombre du premier Z"),
            "last_z": (ranges[-1][2] if ranges else 0, "le nombre du dernier Z"),
            "first_no": (next((one[3] for one in ranges if one[3]), 0), "le premier ticket"),
            "last_no": (max([one[4] for one in ranges] or [0]), "le dernier ticket"),
            "difference": (total.amount("cash", "difference"), "l’écart de caisse"),
            "year_to_date": (self._to_date(year, months[-1]), "le cumul de l’exercice"),
            "last_seq": (entry["seq"] - 1, "la dernière écriture"), **self._common(entry, total, before),
        }  # fmt: skip
        if data.get("counted_after"):
            # Une clôture d’une version plus ancienne ne le dit pas.
            expected["counted_after"] = (total.amount("cash", "counted_after"), "ce qui fut compté après le Z")
        if self.last_seq[series] is not None:
            expected["first_seq"] = (self.last_seq[series] + 1, "la première écriture")
        if not self._whole(months[0]):
            # Le début est dans une archive d’avant : on compare ce que la clôture de départ a repris.
            known = ("last_seq", "year_to_date", "perpetual", "perpetual_absolute", "head", "head_seq")
            expected = {field: expected[field] for field in known}
            if series == "month":
                expected["turnover"] = (self.spans.get(name, 0), "le chiffre d’affaires")
        self.last_seq[series] = entry["seq"]
        _compare("clôture {}".format(data["period"]), data, expected)
        self.closures += 1
        for month in [one for one in self.months if series == "year" and one <= months[-1]]:
            del self.months[month]

    def _day_of(self, entry, data, day, before):
        """Rend ce qu’une clôture de jour doit dire : {champ : (valeur, nom en français)}."""
        label = data["day"]
        year = Year(label[:7], self.starts)
        other = year.first != label[:4] + "-01"
        return {
            "opened_at": (day.opened_at, "l’heure d’ouverture"), "first_seq": (day.opened_seq, "la première écriture"),
            "last_seq": (entry["seq"] - 1, "la dernière écriture"), "first_no": (day.first_no, "le premier ticket"),
            "last_no": (day.last_no, "le dernier ticket"), "float_cents": (day.float_cents, "le fond de caisse"),
            "operators": (_amounts(day.of("op")), "les ventes par vendeur"),
            "expected": (sum(row[0] for row in day.of("cash").values()), "les espèces attendues"),
            "month_to_date": (self.spans.get(label[:7], 0), "le cumul du mois"),
            "year_to_date": (self.spans.get(label[:4], 0), "le cumul de l’année"),
            "exercice_from": (year.first if other else "", "le début de l’exercice (nombre)"),
            "exercice_to_date": (self._to_date(year, label[:7]) if other else 0, "le cumul de l’exercice"),
            **self._common(entry, day, before),
        }  # fmt: skip

    def _common(self, entry, day, before):
        """Ce que disent de même les clôtures de jour, de mois et d’exercice."""
        owners = {
            owner: (day.amount("taken", owner), day.amount("settled", owner), balance)
            for owner, balance in self.owners.items()
        }
        # Un tiers dont tout est nul (vendu puis rendu) peut être nommé ou non.
        owners = {owner: sums for owner, sums in owners.items() if any(sums)}
        return {
            "head_seq": (entry["seq"] - 1, "la tête"), "head": (before.hex(), "l’empreinte de tête"),
            "tickets": (day.n("count", "tickets"), "le nombre de tickets"),
            "refunds": (day.n("count", "refunds"), "le nombre d’avoirs"),
            "voids": (day.n("count", "voided_lines") + day.n("count", "voided_tabs"), "le nombre d’annulations"),
            "duplicates": (day.n("count", "duplicates"), "le nombre de duplicatas"),
            "drawer_openings": (day.n("count", "drawer_openings"), "le nombre d’ouvertures du tiroir"),
            "turnover": (day.amount("turnover", "own"), "le chiffre d’affaires"),
            "vat": ({name: (row[0], row[1]) for name, row in day.of("vat").items()}, "la TVA par taux"),
            "means": (_amounts(day.of("means")), "les encaissements par moyen"),
            "families": (_amounts(day.of("family")), "les ventes par famille"),
            "modes": (_amounts(day.of("mode")), "les ventes sur place et à emporter"),
            "third_parties": (owners, "l’argent des tiers"),
            "off": ({name: row[0] for name, row in day.of("off").items()}, "les sommes hors chiffre d’affaires"),
            "cash_sales": (day.amount("cash", "sales"), "les espèces"),
            "cash_in": (day.amount("cash", "in"), "les entrées de caisse"),
            "cash_out": (-day.amount("cash", "out"), "les sorties de caisse"),
            "cashback": (-day.amount("cash", "cashback"), "les espèces fournies"),
            "settled_cash": (-day.amount("cash", "settled"), "les remises aux tiers"),
            "third_party_cash": (day.amount("cash", "third"), "les espèces des tiers"),
            "perpetual": (self.perpetual, "le total perpétuel"),
            "perpetual_absolute": (self.absolute, "le total perpétuel absolu"),
        }  # fmt: skip


_NOTHING = Day()


def _compare(closing, data, expected):
    """Lève une anomalie au premier champ d’une clôture qui n’est pas ce que donnent les écritures."""
    for field, (given, name) in expected.items():
        found = _by_key(field, data.get(field, [])) if isinstance(given, dict) else data.get(field, type(given)())
        if found != given:
            raise Fault("closure", _difference(closing, name, given, found))


def _amounts(rows):
    return {name: (row[0], row[2]) for name, row in rows.items()}


def _by_key(field, rows):
    """Rend une liste d’une clôture comme ce qu’on en a recalculé."""
    if field == "vat":
        return {str(one["bp"]): (one["gross"], one["net"]) for one in rows}
    if field == "third_parties":
        told = {one["owner"]: (one["taken"], one["settled"], one["balance"]) for one in rows}
        return {owner: sums for owner, sums in told.items() if any(sums)}
    if field == "off":
        return {one["code"] + ":" + one["owner"]: one["amount"] for one in rows}
    return {one["key"]: (one["amount"], one["n"]) for one in rows}


_PLAIN = ("écriture", "ticket", "nombre", "tête", "heure")


def _difference(closing, name, given, found):
    if isinstance(given, dict):
        names = sorted(n for n in set(given) | set(found) if given.get(n) != found.get(n))
        return "{} : {} ({}) ne sont pas ce que donnent les ventes".format(closing, name, ", ".join(names)[:80])
    say = euros if isinstance(given, int) and not any(word in name for word in _PLAIN) else str
    return "{} : {} écrit : {}, recalculé : {}".format(closing, name, say(found), say(given))


# ── Lire une archive, un dossier, une base ───────────────────────────────────────────────────


class Part:
    """Les écritures d’un journal (la vie d’un boîtier) que porte ce qu’on vérifie."""

    def __init__(self, told, rows):
        self.cafe, self.jid, self.first, self.prev = told["cafe"], told["j"], told["first"], told["prev"]
        self.last, self.head = told.get("last", -1), told.get("head", "")
        self.grant, self.grant_sig = told["grant"], told["grant_sig"]
        self.hq, self.box = key(told["hq_key"]), key(told["box_key"])
        # Ce que dit l’écriture qui reprend un journal perdu ; None quand il n’y en a pas.
        self.continued = None
        # Y a-t-il des têtes signées pour ce journal ?
        self.headed = False
        # Une fonction qui rend (numéro gardé ou None, corps, empreinte, sceau), dans l’ordre.
        self.rows = rows


class Source:
    """Ce qu’on vérifie : ses journaux, ses accusés du siège, ce que la base dit par ailleurs."""

    def __init__(self, name):
        self.name, self.parts, self.acks, self.heads, self.notes = name, [], [], [], []
        self.tables, self.sealed, self.total, self.training = None, True, 0, []


# Ce que lève un fichier abîmé, selon l’endroit où il l’est.
_BROKEN = (OSError, EOFError, ValueError, LookupError, RuntimeError, zipfile.BadZipFile, zlib.error)


def open_source(path):
    """Ouvre une archive, un dossier ou une base ; vérifie son manifeste."""
    path = Path(path)
    if path.is_dir():
        found = (
            [path] if (path / "MANIFESTE.json").exists() else sorted(p.parent for p in path.glob("*/MANIFESTE.json"))
        )
        if not found:
            if (path / "cafe.db").exists():
                return _database(path / "cafe.db")
            raise Unreadable("{} ne contient pas de MANIFESTE.json".format(path))
        return _archive(path.name, lambda name: (found[0] / name).open("rb"), lambda: _files_in(found[0]))
    if not path.exists():
        raise Unreadable("{} n’existe pas".format(path))
    with path.open("rb") as file:
        start = file.read(16)
    if start == b"SQLite format 3\0":
        return _database(path)
    try:
        packed = zipfile.ZipFile(str(path))
    except _BROKEN:
        return _single(path)
    return _archive(path.name, packed.open, packed.namelist)


def _files_in(folder):
    return [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _archive(name, opened, names):
    try:
        with opened("MANIFESTE.json") as file:
            raw = file.read()
        with opened("MANIFESTE.sig") as file:
            signature = file.read()
    except _BROKEN as problem:
        raise Unreadable("le manifeste manque ou ne se lit pas ({})".format(problem)) from problem
    manifest = _manifest(raw, signature)
    source = Source(name)
    _check_files(manifest, opened, names())
    _fill(source, manifest, opened)
    return source


def _manifest(raw, signature):
    try:
        manifest = json.loads(raw.decode())
        signer = key(bytes.fromhex(manifest["key"]))
        known = {part["hq_key" if manifest["signer"] == "hq" else "box_key"] for part in manifest["journals"]}
        known |= _successors(known, manifest.get("hq_steps", ()))
    except (ValueError, KeyError, TypeError) as problem:
        raise Fault("manifest", "le manifeste est abîmé") from problem
    if manifest["key"] not in known or not signer.signed(ARCHIVE, raw, signature):
        raise Fault("manifest", "le manifeste n’est pas signé par la clé qu’il annonce")
    return manifest


def _successors(known, steps):
    """Rend les clés du siège annoncées, l’une après l’autre, par une clé déjà connue."""
    found = set()
    for step in steps:
        raw, told = step["statement"].encode(), json.loads(step["statement"])
        if told["old"] in known | found and key(bytes.fromhex(told["old"])).signed(
            HQ_KEY, raw, bytes.fromhex(step["sig"])
        ):
            found.add(told["key"])
    return found


def _check_files(manifest, opened, names):
    """Chaque fichier est celui du manifeste, et il n’y en a pas d’autre."""
    missing = sorted(set(manifest["files"]) - set(names))
    if missing:
        raise Fault("file", "le fichier {} manque".format(missing[0]))
    more = sorted(n for n in set(names) - set(manifest["files"]) if n not in ("MANIFESTE.json", "MANIFESTE.sig"))
    more = [n for n in more if not n.endswith("/")]
    if more:
        raise Fault("file", "le fichier {} n’est pas au manifeste".format(more[0]))
    for name, told in sorted(manifest["files"].items()):
        digest = hashlib.sha256()
        try:
            with opened(name) as file:
                for block in iter(lambda file=file: file.read(1 << 20), b""):
                    digest.update(block)
        except _BROKEN as problem:
            raise Fault("file", "le fichier {} ne se lit pas".format(name)) from problem
        if digest.hexdigest() != told["sha256"]:
            raise Fault("file", "le fichier {} a été changé".format(name), *_entry_changed(name, opened, manifest))


def _entry_changed(name, opened, manifest):
    """Nomme l’écriture, quand le fichier changé est un journal."""
    if name not in [told["file"] for told in manifest["journals"]]:
        return -1, ""
    source = Source(name)
    try:
        _fill(source, manifest, opened)
        check(source, True)
    except Fault as fault:
        return fault.seq, fault.jid
    except (ValueError, KeyError, TypeError, OSError):
        return -1, ""
    return -1, ""


def _part(told, opened):
    def rows():
        with opened(told["file"]) as file:
            for line in file:
                yield (None, *read_line(line))

    keys = {name: bytes.fromhex(told[name]) for name in ("hq_key", "box_key", "grant_sig", "prev")}
    return Part({**told, **keys, "grant": told["grant"].encode()}, rows)


# {"body":…,"hash":"64 signes","seal":"128 signes"} : le corps est recopié tel qu’il a été écrit.
_TAIL = 9 + 64 + 10 + 128 + 3


def read_line(line):
    """Rend le corps, l’empreinte et le sceau d’une ligne du journal (sceau vide : archive du siège)."""
    for sealed in (128, 0):
        end = line[-(_TAIL - 128 + sealed) :]
        if line[:8] == b'{"body":' and end[:9] == b',"hash":"' and end[73:83] == b'","seal":"' and end[-3:] == b'"}\n':
            try:
                body = line[8 : -len(end)]
                return body, bytes.fromhex(end[9:73].decode()), bytes.fromhex(end[83 : 83 + sealed].decode())
            except ValueError:
                break
    return line, b"", b""


def _fill(source, manifest, opened):
    """Ajoute à la source ce que dit un manifeste."""
    source.sealed = manifest["signer"] == "box"
    for told in manifest["journals"]:
        source.parts.append(_part(told, opened))
        source.total += told["last"] - told["first"] + 1
    for name, rows in (("accuses.ndjson", source.acks), ("tetes.ndjson", source.heads)):
        if name in manifest["files"]:
            with opened(name) as file:
                rows += [json.loads(line.decode()) for line in file]
    if "formation.ndjson" in manifest["files"]:
        with opened("formation.ndjson") as file:
            source.training = file.readlines()
    period, who = manifest["period"], "la caisse" if source.sealed else "le siège"
    source.notes.append("Café {}, du {} au {}".format(manifest["cafe"], period["from"], period["to"]))
    source.notes.append("Manifeste signé par {}, clé {}".format(who, key(bytes.fromhex(manifest["key"])).kid))
    source.notes.append("{} fichiers conformes au manifeste".format(len(manifest["files"])))


def _single(path):
    """Une archive au format ndjson : le manifeste signé en première ligne, puis les écritures."""
    with path.open("rb") as file:
        try:
            top = json.loads(file.readline().decode())
            raw, signature = top["manifest"].encode(), bytes.fromhex(top["sig"])
        except (ValueError, KeyError, TypeError) as problem:
            raise Unreadable("{} n’est ni une archive ni une base de Zinc".format(path.name)) from problem
        start = file.tell()
    manifest = _manifest(raw, signature)
    source, skip = Source(path.name), 0
    rest = dict(manifest, files={})
    for told in rest["journals"]:
        told["file"], told["skip"] = "", skip
        skip += told["last"] - told["first"] + 1
    _fill(source, rest, None)
    for part, told in zip(source.parts, rest["journals"]):
        part.rows = _lines(path, start, told["skip"], told["last"] - told["first"] + 1, told is rest["journals"][-1])
    source.notes[-1] = "Un seul fichier, {}".format(many(len(source.parts), "journal", "journaux"))
    return source


def _lines(path, start, skip, count, to_the_end):
    def rows():
        with path.open("rb") as file:
            file.seek(start)
            for i, line in enumerate(file):
                if i >= skip + count and not to_the_end:
                    return
                if i >= skip:
                    yield (None, *read_line(line))

    return rows


def _database(path):
    """La base d’un café : tous ses journaux, l’accusé du siège gardé dedans et à côté."""
    source = Source(path.name)
    try:
        conn = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)
        conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
        told = conn.execute(
            "SELECT jn, jid, cafe, genesis, grant_bytes, grant_sig, hq_key, box_key FROM journal ORDER BY jn"
        ).fetchall()
        for jn, jid, cafe, *blobs in told:
            genesis, grant, grant_sig, hq_key, box_key = [_raw(one) for one in blobs]
            if domain_hash(GENESIS, grant) != genesis:
                raise Fault("genesis", "le journal ne commence pas par l’habilitation du siège", 0, jid)
            facts = {"cafe": cafe, "j": jid, "first": 0, "prev": genesis, "grant": grant, "grant_sig": grant_sig,
                     "hq_key": hq_key, "box_key": box_key}  # fmt: skip
            source.parts.append(Part(facts, _stored(conn, jn)))
        source.total = conn.execute("SELECT count(*) FROM journal_entry").fetchone()[0]
        for name, sql in _KNOWN.items():
            if conn.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
                source.tables = dict(source.tables or {}, **{name: conn.execute(sql).fetchone()[0]})
        if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal_head'").fetchone():
            rows = conn.execute("SELECT head, sig FROM journal_head ORDER BY jn, seq")
            source.heads = [
                {"head": _raw(head).decode("utf-8", "replace"), "sig": _raw(sig).hex()} for head, sig in rows
            ]
        kept = conn.execute("SELECT value FROM draft_value WHERE name = 'hq_ack'").fetchone()
        texts = [kept[0]] if kept else []
    except (sqlite3.DatabaseError, OverflowError, ValueError) as problem:
        raise Fault("unreadable", "la base ne se lit pas : {}".format(problem)) from problem
    if not source.parts:
        raise Unreadable("cette base ne contient pas de journal")
    beside = path.with_name("ack.json")
    texts += [beside.read_bytes().decode("utf-8", "replace")] if beside.exists() else []
    for text in texts:
        try:
            told = json.loads(text)
            source.acks.append({"ack": str(told["ack"]), "sig": str(told["sig"])})
        except (ValueError, KeyError, TypeError) as problem:
            raise Fault("ack", "l’accusé de réception du siège gardé par la caisse est abîmé") from problem
    source.notes.append("Café {}, base entière".format(source.parts[0].cafe))
    return source


_KNOWN = {
    "till_ticket": "SELECT coalesce(max(no), 0) FROM till_ticket",
    "till_day": "SELECT coalesce(max(z), 0) FROM till_day",
}


def _raw(value):
    """Rend des octets, quoi que la base ait rendu."""
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def _stored(conn, jn):
    def rows():
        sql = "SELECT seq, body, hash, seal FROM journal_entry WHERE jn = ? ORDER BY seq"
        last = -1
        try:
            for seq, body, digest, seal in conn.execute(sql, (jn,)):
                yield seq if isinstance(seq, int) else -1, _raw(body), _raw(digest), _raw(seal)
                last = seq
        except (sqlite3.DatabaseError, OverflowError, ValueError) as problem:
            raise Fault(
                "unreadable", "la base ne se lit pas après l’écriture {} : {}".format(last, problem)
            ) from problem

    return rows


# ── Vérifier ─────────────────────────────────────────────────────────────────────────────────


class Checks:
    """Ce qui a été vérifié."""

    def __init__(self, all_seals):
        self.all_seals, self.sealed = all_seals, True
        self.entries = self.seals = self.acks = self.heads = 0
        # Les empreintes de chaque journal, bout à bout : 32 octets par écriture.
        self.hashes = {}
        # Écritures revenues du siège sans leur sceau : la dernière de chaque journal ; ce que nomment les reprises.
        self.unsealed, self.named = {}, set()

    def hash_at(self, jid, seq):
        """Rend l’empreinte d’une écriture, ou None quand elle n’est pas là."""
        first, found = self.hashes.get(jid, (0, b""))
        at = (seq - first) * 32
        return bytes(found[at : at + 32]) if 0 <= at < len(found) else None


class Progress:
    """Dit où l’on en est, sur la sortie d’erreur, quand c’est long."""

    def __init__(self, total, stream):
        self._total, self._stream, self._said = total, stream, time.monotonic()

    def at(self, n):
        """Dit la part faite, toutes les cinq secondes."""
        if self._stream and time.monotonic() - self._said > 5:
            self._said = time.monotonic()
            share = 100 * n // self._total if self._total else 0
            self._stream.write("  … {} écritures relues ({} %)\n".format(n, share))
            self._stream.flush()


def check(source, all_seals=False, stream=None):
    """Vérifie tout ; rend ce qui a été vérifié, ou lève la première anomalie."""
    book, checks = Book(), Checks(all_seals and source.sealed)
    book.at_hq = not source.sealed
    checks.sealed = source.sealed
    progress = Progress(source.total, stream)
    before = None
    headed = _headed(source)
    for part in source.parts:
        part.headed = part.jid in headed
        missing = _check_base(part, before, checks)
        _check_part(part, book, checks, progress)
        if missing and not _healed(part):
            raise missing
        before = part
    for told in source.acks:
        _check_ack(told, source, checks)
    _check_heads(source, checks)
    _check_training(source, book)
    if source.tables:
        for name, known, told in (
            ("till_ticket", book.numbers["no"], "ticket"),
            ("till_day", book.ended, "clôture Z"),
        ):
            if source.tables.get(name, known) > known:
                text = "la base connaît {} n° {}, le journal s’arrête au n° {} : sa fin a été coupée"
                raise Fault("cut", text.format(told, source.tables[name], known), checks.entries)
    return book, checks


def _check_base(part, before, checks):
    """L’habilitation du siège : signée, pour cette clé ; rend l’anomalie d’un journal d’avant qui est trop court."""
    if part.first > 0 and before is None:
        return None
    try:
        grant = json.loads(part.grant.decode())
        base, named = grant["base"], bytes.fromhex(grant["key"])
    except (ValueError, KeyError, TypeError) as problem:
        raise Fault("grant", "l’habilitation du siège est abîmée", 0, part.jid) from problem
    if not part.hq.signed(GRANT, part.grant, part.grant_sig):
        raise Fault("grant", "le siège n’a pas signé l’habilitation de ce journal", 0, part.jid)
    if named != part.box.raw or grant["cafe"] != part.cafe:
        raise Fault("grant", "l’habilitation du siège est celle d’une autre caisse", 0, part.jid)
    if before is not None and base and base["j"] == before.jid:
        found = checks.hash_at(before.jid, base["seq"])
        if found is None or found.hex() != base["head"]:
            text = "le journal d’avant s’arrête avant l’écriture {} que le siège avait reçue"
            return Fault("cut", text.format(base["seq"]), base["seq"], before.jid)
    return None


def _healed(part):
    """Dit si le journal commence par l’acte qui reprend ce que le siège connaît et que la caisse a perdu."""
    base, told = json.loads(part.grant.decode())["base"], part.continued
    return told is not None and (told["base"], told["base_seq"], told["base_head"]) == (
        base["j"],
        base["seq"],
        base["head"],
    )


def _check_part(part, book, checks, progress):
    """Chaîne, place, sceaux et clôtures d’un journal."""
    genesis = domain_hash(GENESIS, part.grant)
    if genesis[:8].hex() != part.jid or (part.first == 0 and part.prev != genesis):
        raise Fault("genesis", "le journal ne commence pas par l’habilitation du siège", 0, part.jid)
    before, seq, last_t, found = part.prev, part.first, 0, bytearray()
    checks.hashes[part.jid] = (part.first, found)
    fresh = part.first > 0 and checks.entries == 0
    for told, body, digest, seal in part.rows():
        entry = _entry(part, seq if told is None else told, seq, before, body, digest)
        if entry["t"] < last_t:
            raise Fault("envelope", "l’écriture {} est datée d’avant la précédente".format(seq), seq, part.jid)
        last_t = entry["t"]
        if checks.sealed and (checks.all_seals or entry["kind"] in CLOSURES):
            checks.seals += 1
            if not seal and part.headed:
                # Revenue du siège : la tête que sa caisse a signée répond pour elle.
                checks.unsealed[part.jid] = seq
            elif not part.box.signed(SEAL, digest, seal):
                raise Fault("seal", "l’écriture {} ne porte pas le sceau de cette caisse".format(seq), seq, part.jid)
        _tell(entry, part, book, checks, None if fresh else before)
        fresh = False
        found += digest
        before, seq = digest, seq + 1
        checks.entries += 1
        if not checks.entries & 4095:
            progress.at(checks.entries)
    if part.last >= 0 and (seq - 1, before.hex()) != (part.last, part.head):
        text = "le journal s’arrête à l’écriture {}, le manifeste en annonce {}"
        raise Fault("cut", text.format(seq - 1, part.last), seq, part.jid)


def _tell(entry, part, book, checks, before):
    """Compte une écriture au grand livre ; `before` vide : la clôture d’où part l’archive."""
    seq = entry["seq"]
    try:
        if entry["kind"] == "sync.acked":
            _check_noted(entry, part, checks)
        elif entry["kind"] == "journal.import":
            checks.named.update((entry["data"]["orig"], entry["data"]["prev"]))
        elif entry["kind"] == "journal.continued" and part.continued is None:
            part.continued = entry["data"]
        if before is not None:
            book.tell(entry, before)
        elif entry["kind"] == CLOSURES[0] and entry["data"]["last_no"]:
            book.start_from(entry["data"])
        else:
            raise Fault("start", "l’archive ne commence pas par une clôture de jour")
    except Fault as fault:
        raise Fault(fault.code, fault.text, seq, part.jid) from None
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise Fault("shape", "l’écriture {} n’a pas la forme attendue".format(seq), seq, part.jid) from problem


def _entry(part, stored, seq, before, body, digest):
    """Refait l’empreinte d’une écriture et la lit."""
    step = _ENTRY.copy()
    step.update(before)
    step.update(body)
    if stored != seq or step.digest() != digest:
        text, code = "les octets de l’écriture {} ne sont pas ceux qui ont été écrits", "chain"
        try:
            if stored > seq or json.loads(body.decode())["seq"] > seq:
                text, code = "l’écriture {} manque", "missing"
        except (ValueError, KeyError, TypeError):
            pass
        raise Fault(code, text.format(seq), seq, part.jid)
    try:
        entry = json.loads(body.decode())
        place = (entry["seq"], entry["j"], entry["cafe"], entry["v"])
        _kind, _data, _op, _t = entry["kind"], entry["data"], entry["op"], entry["t"] + 0
    except (ValueError, KeyError, TypeError) as problem:
        raise Fault("envelope", "l’écriture {} ne se lit pas".format(seq), seq, part.jid) from problem
    if place != (seq, part.jid, part.cafe, 1):
        raise Fault("envelope", "l’écriture {} n’est pas à sa place".format(seq), seq, part.jid)
    return entry


def _canonical(told):
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_noted(entry, part, checks):
    """Un accusé du siège noté dans le journal : l’empreinte est la nôtre, la signature celle du siège."""
    data = entry["data"]
    mine = checks.hash_at(part.jid, data["seq"])
    if mine is not None and mine.hex() != data["head"]:
        raise Fault("ack", "le siège avait reçu une autre écriture {}".format(data["seq"]))
    if data.get("t") and data["kid"] == part.hq.kid:
        ack = {"cafe": part.cafe, "head": data["head"], "j": part.jid, "kid": data["kid"], "seq": data["seq"],
               "t": data["t"], "type": "ack", "v": 1}  # fmt: skip
        if not part.hq.signed(ACK, _canonical(ack), bytes.fromhex(data["sig"])):
            raise Fault("ack", "l’accusé noté n’est pas signé par le siège")
        checks.acks += 1


def _check_ack(told, source, checks):
    """Un accusé du siège gardé à part : rien de ce qu’il a reçu ne manque."""
    try:
        text, signature = told["ack"].encode(), bytes.fromhex(told["sig"])
        ack = json.loads(text.decode())
        jid, seq, head = ack["j"], ack["seq"], ack["head"]
    except (ValueError, KeyError, TypeError) as problem:
        raise Fault("ack", "un accusé de réception du siège est abîmé") from problem
    part = next((one for one in source.parts if one.jid == jid), None)
    if part is None or not part.hq.signed(ACK, text, signature):
        raise Fault("ack", "un accusé de réception n’est pas signé par le siège", -1, jid)
    found = checks.hash_at(jid, seq)
    first, hashes = checks.hashes[jid]
    if found is None and seq >= first:
        last = first + len(hashes) // 32 - 1
        text = "l’écriture {} manque : le siège avait reçu le journal jusqu’à l’écriture {}"
        raise Fault("cut", text.format(last + 1, seq), last + 1, jid)
    if found is not None and found.hex() != head:
        raise Fault("ack", "l’écriture {} n’est pas celle que le siège avait reçue".format(seq), seq, jid)
    checks.acks += 1


def _check_training(source, book):
    """Le journal d’école, tenu à part : sa chaîne, et les têtes que le vrai journal en a notées."""
    before = None
    for line in source.training:
        body, digest, _seal = read_line(line)
        try:
            entry = json.loads(body.decode())
            seq, jid = entry["seq"], entry["j"]
        except (ValueError, KeyError, TypeError) as problem:
            raise Fault("training", "une écriture d’école ne se lit pas") from problem
        follows = before is not None and before[0] == jid
        if follows and (seq != before[1] + 1 or domain_hash(ENTRY, before[2], body) != digest):
            raise Fault("training", "l’écriture d’école {} n’est pas celle qui a été écrite".format(seq), seq, jid)
        noted = book.training.get(jid, {}).get(seq)
        if noted and noted != digest.hex():
            raise Fault("training", "l’école n’est pas celle que le journal a notée", seq, jid)
        before = (jid, seq, digest)


def _headed(source):
    """Rend les journaux pour lesquels il y a des têtes signées."""
    found = set()
    for told in source.heads:
        try:
            found.add(json.loads(told["head"])["j"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _check_heads(source, checks):
    """Les têtes signées par le boîtier (archive du siège) : la dernière couvre toutes les écritures."""
    last = {}
    for told in source.heads:
        try:
            text, signature = told["head"].encode(), bytes.fromhex(told["sig"])
            head = json.loads(text.decode())
            jid, seq, digest = head["j"], head["seq"], head["head"]
            part = next(one for one in source.parts if one.jid == jid)
        except (ValueError, KeyError, TypeError, StopIteration) as problem:
            raise Fault("head", "une tête signée est abîmée") from problem
        mine = checks.hash_at(jid, seq)
        if not part.box.signed(HEAD, text, signature) or mine is None or mine.hex() != digest:
            raise Fault("head", "la tête de l’écriture {} n’est pas celle que la caisse a signée".format(seq), seq, jid)
        last[jid] = max(seq, last.get(jid, -1))
        checks.heads += 1
    for jid, seq in checks.unsealed.items():
        found = checks.hashes[jid][1]
        ends = range(max(seq, last.get(jid, -1) + 1), checks.hashes[jid][0] + len(found) // 32)
        if last.get(jid, -1) < seq and not any(checks.hash_at(jid, at).hex() in checks.named for at in ends):
            raise Fault("seal", "l’écriture {} ne porte ni sceau, ni tête signée".format(seq), seq, jid)
    if not source.sealed:
        for part in source.parts:
            if last.get(part.jid, -1) < part.last:
                raise Fault("head", "la fin du journal n’est couverte par aucune tête signée", part.last, part.jid)


# ── Dire ─────────────────────────────────────────────────────────────────────────────────────


def many(n, one, several):
    """Écrit un nombre de choses."""
    return "{} {}".format(n, several if n > 1 else one)


def duration(seconds):
    """Écrit une durée."""
    return "{:.0f} s".format(seconds) if seconds < 90 else "{:.0f} min".format(seconds / 60)


def announced(source):
    """Dit combien de temps prendra la vérification de tous les sceaux, mesuré sur cette machine."""
    part = source.parts[0]
    part.box.signed(SEAL, b"", bytes(64))
    started, tries = time.perf_counter(), 100
    for i in range(tries):
        part.box.signed(SEAL, str(i).encode(), hashlib.sha512(str(i).encode()).digest()[:63] + b"\0")
    each = (time.perf_counter() - started) / tries + 0.00003
    return "{} sceaux à vérifier un à un en Python : environ {} ({:.0f} par seconde)".format(
        source.total, duration(source.total * each), 1 / each
    )


def report(source, book, checks):
    """Rend les lignes qui disent ce qui a été vérifié."""
    yield "{}, {} : chaîne des empreintes refaite, aucun numéro ne manque".format(
        many(checks.entries, "écriture", "écritures"), many(len(source.parts), "journal", "journaux")
    )
    yield "{}, {}, tickets jusqu’au n° {}".format(
        many(book.sales, "vente", "ventes"), many(book.refunds, "avoir", "avoirs"), book.numbers["no"]
    )
    yield "{} à partir des ventes, total perpétuel {}".format(
        many(book.closures, "clôture recalculée", "clôtures recalculées"), euros(book.perpetual)
    )
    for part in source.parts:
        if part.continued:
            text = "Journal {} repris après une panne : {} écritures perdues par la caisse, {} envoyées à nouveau"
            yield text.format(part.jid, part.continued["lost"], part.continued["kept"])
    if book.blind:
        yield "Après la reprise, les clôtures ne se recalculent que dans l’archive de la caisse"
    if source.sealed:
        what = "toutes les écritures" if checks.all_seals else "les clôtures (--all-seals : toutes les écritures)"
        yield "{} : {}".format(many(checks.seals, "sceau vérifié", "sceaux vérifiés"), what)
    else:
        yield many(checks.heads, "tête signée par la caisse vérifiée", "têtes signées par la caisse vérifiées")
    if checks.acks:
        yield many(checks.acks, "accusé de réception du siège vérifié", "accusés de réception du siège vérifiés")
    for part in source.parts:
        yield "Journal {} : clé de la caisse {}, clé du siège {}".format(part.jid, part.box.kid, part.hq.kid)


def main(arguments=None):
    """Vérifie et dit le résultat ; rend le code de sortie."""
    parser = argparse.ArgumentParser(description="Vérifie une archive ou une base de caisse Zinc.")
    parser.add_argument("path", metavar="ARCHIVE", help="archive .zip, dossier déplié, fichier .ndjson ou base cafe.db")
    parser.add_argument("--all-seals", action="store_true", help="vérifie le sceau de chaque écriture")
    asked = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stderr.reconfigure(encoding="utf-8")
    started = time.monotonic()
    print("Zinc, vérification de {}".format(asked.path))
    try:
        source = open_source(asked.path)
        for line in source.notes:
            print("  " + line)
        if asked.all_seals and source.sealed:
            print("  " + announced(source), flush=True)
        book, checks = check(source, asked.all_seals, sys.stderr)
    except Unreadable as problem:
        print("RIEN À VÉRIFIER : {}".format(problem))
        return 2
    except Fault as fault:
        where = " (journal {}, écriture {})".format(fault.jid, fault.seq) if fault.seq >= 0 and fault.jid else ""
        print("ANOMALIE{} : {}".format(where, fault.text))
        return 1
    for line in report(source, book, checks):
        print("  " + line)
    print("INTACTE, vérifiée en {}".format(duration(time.monotonic() - started)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

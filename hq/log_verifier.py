#!/usr/bin/env python3
"""Vérificateur autonome du registre signé du siège : un seul fichier, Python 3.8 ou plus, rien à installer.

    python3 verifier.py DOSSIER                 tout le registre exporté
    python3 verifier.py DOSSIER --note FICHIER  et qu’un point de contrôle gardé ailleurs en fait partie
    python3 verifier.py DOSSIER --key HEX       avec une clé du siège connue d’ailleurs (papier, courrier)

Il refait l’arbre des empreintes (RFC 6962) feuille par feuille, compare sa racine à chaque point de
contrôle, vérifie les signatures Ed25519. Il dit « intact » (code 0) ou nomme la première anomalie (code 1). Code 2 : rien à lire.

One file on purpose: it travels with each export and must run where Zinc never was.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

# ── Ed25519 (RFC 8032) en Python pur ─────────────────────────────────────────────────────────

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P


def _point(raw):
    """Rend le point que disent 32 octets, ou None."""
    number = int.from_bytes(raw, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if len(raw) != 32 or y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if v * x * x % _P != u or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _add(one, two):
    """Additionne deux points (coordonnées étendues)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % _P, (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * _D * one[3] * two[3] % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number, point):
    """Multiplie un point."""
    told = (0, 1, 1, 0)
    while number:
        if number & 1:
            told = _add(told, point)
        point, number = _add(point, point), number >> 1
    return told


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def signed(public, text, signature):
    """Dit si `signature` est celle de la clé `public` sur ce texte."""
    key, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or len(signature) != 64 or s >= _ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % _ORDER
    one, two = _times(s, _BASE), _add(r, _times(h, key))
    return (one[0] * two[2] - two[0] * one[2]) % _P == 0 and (one[1] * two[2] - two[1] * one[2]) % _P == 0


# ── L’arbre ──────────────────────────────────────────────────────────────────────────────────


class Fault(Exception):
    """Une anomalie."""


class Unreadable(Exception):
    """Rien à lire."""


def node(left, right):
    """Rend l’empreinte de deux sous-arbres voisins."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Un arbre qui ne fait que grandir."""

    def __init__(self):
        self.size = 0
        self.edge = []

    def push(self, leaf):
        """Ajoute une feuille."""
        told, at = hashlib.sha256(b"\0" + leaf).digest(), self.size
        while at & 1:
            told, at = node(self.edge.pop(), told), at >> 1
        self.edge.append(told)
        self.size += 1

    def root(self):
        """Rend la racine."""
        told = self.edge[-1] if self.edge else hashlib.sha256().digest()
        for left in self.edge[-2::-1]:
            told = node(left, told)
        return told


class Note:
    """Un point de contrôle signé : trois lignes, une vide, une de signature."""

    def __init__(self, name, note, keys):
        self.name = name
        text, _, marks = note.partition("\n\n")
        lines = text.split("\n")
        try:
            self.origin, self.size = lines[0], int(lines[1])
            self.root = base64.b64decode(lines[2], validate=True)
        except (IndexError, ValueError):
            raise Fault("{} : ce n’est pas un point de contrôle".format(name)) from None
        named = {hashlib.sha256(self.origin.encode() + b"\n\1" + one).digest()[:4]: one for one in keys}
        start = "— {} ".format(self.origin)
        for mark in marks.split("\n"):
            try:
                raw = base64.b64decode(mark[len(start) :], validate=True) if mark.startswith(start) else b""
            except ValueError:
                continue
            public = named.get(raw[:4])
            if public and signed(public, (text + "\n").encode(), raw[4:]):
                return
        raise Fault("{} : la signature n’est pas celle du siège".format(name))


def public_keys(folder, given):
    """Rend les clés du siège, celle d’aujourd’hui d’abord : celles qu’on donne, ou celles du dossier."""
    if given:
        return [bytes.fromhex(one) for one in given]
    return [_pem(path) for path in (folder / "hq-key.pem", *sorted(folder.glob("hq-key-*.pem")))]


def _pem(path):
    lines = path.read_text().split("\n")
    return base64.b64decode("".join(line for line in lines if not line.startswith("-")))[-32:]


def check(folder, keys, others):
    """Refait l’arbre et le compare à chaque point de contrôle ; rend l’arbre, les points de contrôle et les cafés."""
    notes = {}
    for path in sorted((folder / "checkpoints").glob("*.txt")) + others:
        note = Note(path.name, path.read_text(encoding="utf-8"), keys)
        notes.setdefault(note.size, []).append(note)
    if not notes:
        raise Unreadable("aucun point de contrôle dans {}".format(folder))
    tree, heads = Tree(), {}
    compare(tree, notes)
    with (folder / "leaves.ndjson").open("rb") as file:
        for line in file:
            leaf = line.rstrip(b"\n")
            follow(leaf, tree.size, heads)
            tree.push(leaf)
            compare(tree, notes)
    late = [note for told in notes.values() for note in told if note.size > tree.size]
    if late:
        raise Fault("{} : {} feuilles signées, {} ici".format(late[0].name, late[0].size, tree.size))
    return tree, notes, heads


def follow(leaf, at, heads):
    """Suit le journal d’un café : ses écritures ne font que croître."""
    try:
        told = json.loads(leaf)
        journal, seq = (told["cafe"], told["j"]), told["seq"]
    except (ValueError, KeyError, TypeError):
        raise Fault("feuille {} illisible".format(at)) from None
    if seq <= heads.get(journal, -1):
        raise Fault("feuille {} : le café {} y revient en arrière".format(at, journal[0]))
    heads[journal] = seq


def compare(tree, notes):
    """Compare la racine à chaque point de contrôle de cette taille."""
    for note in notes.get(tree.size, ()):
        if note.root != tree.root():
            raise Fault("{} : les feuilles n’ont pas la racine signée".format(note.name))


def main(arguments=None):
    """Vérifie et dit le résultat ; rend le code de sortie."""
    parser = argparse.ArgumentParser(description="Vérifie le registre signé exporté du siège.")
    parser.add_argument("folder", metavar="DOSSIER", type=Path)
    parser.add_argument("--note", type=Path, action="append", default=[], help="point de contrôle gardé ailleurs")
    parser.add_argument("--key", action="append", default=[], help="clé publique du siège, 64 signes hexadécimaux")
    asked = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        keys = public_keys(asked.folder, asked.key)
        tree, notes, heads = check(asked.folder, keys, asked.note)
    except (OSError, UnicodeDecodeError, Unreadable) as problem:
        print("RIEN À VÉRIFIER : {}".format(problem))
        return 2
    except Fault as fault:
        print("ANOMALIE : {}".format(fault))
        return 1
    print(
        "  feuilles : {} ; journaux : {} ; cafés : {}".format(tree.size, len(heads), len({cafe for cafe, _ in heads}))
    )
    print("  points de contrôle signés par le siège : {} ; feuilles du dernier : {}".format(len(notes), max(notes)))
    if max(notes) < tree.size:
        print("  feuilles pas encore signées : {}".format(tree.size - max(notes)))
    for public in keys:
        print("  clé du siège {}".format(public.hex()))
    print("INTACT")
    return 0


if __name__ == "__main__":
    sys.exit(main())

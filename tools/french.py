"""Make the one French catalogue: extract, merge the parts, compile; fail on what is missing.

Translations are written by area in `pos/translations/parts/<area>.json`, English sentence to French
(a pair for a counted sentence). The .po is for translators to read, the .mo is committed so that
`run` needs no Babel. Both are the same bytes on every machine: no date, no path, sorted.
"""

import fcntl
import gettext
import io
import json
import re
import struct
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract_from_file
from jinja2 import TemplateSyntaxError

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "pos" / "translations" / "parts"
FOLDER = ROOT / "pos" / "translations" / "fr" / "LC_MESSAGES"
PACKAGES = ("pos", "sync", "kiosk", "hq")
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
# Must be how kiosk/drawing.py and hq/app.py set up Jinja, else the msgids differ.
JINJA_KIOSK = {"newstyle_gettext": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
JINJA_HQ = {"silent": "false"}
HEADER = (
    "Project-Id-Version: zinc\n"
    "Language: fr\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n > 1);\n"
)
NBSP = "\u00a0"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

# msgid -> msgid_plural, or None when it is not counted.
Sentences = dict[str, str | None]
French = str | list[str]


@dataclass
class Catalogue:
    """What was found in the code, and what the parts say of it."""

    sentences: Sentences
    french: dict[str, French]
    where: dict[str, str]
    faults: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Sentences of the code without French."""
        return sorted(m for m in self.sentences if not self.french.get(m))

    @property
    def unused(self) -> list[str]:
        """French whose sentence is not in the code."""
        return sorted(m for m in self.french if m not in self.sentences)


def extract() -> tuple[Sentences, dict[str, str], list[str]]:
    """Return every marked sentence of code and templates, one place that says it, and files that cannot be read."""
    found: Sentences = {}
    where: dict[str, str] = {}
    faults: list[str] = []
    for path in sources():
        name = str(path.relative_to(ROOT))
        method, options = ("python", {}) if path.suffix == ".py" else ("jinja2", jinja_options(name))
        try:
            messages = list(extract_from_file(method, str(path), keywords=KEYWORDS, options=options))
        except (SyntaxError, TemplateSyntaxError, UnicodeDecodeError) as problem:
            faults.append(f"{name}: {problem}")
            continue
        for line, message, _comments, _context in messages:
            singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, None)
            if singular:
                found[singular] = found.get(singular) or plural
                where.setdefault(singular, f"{name}:{line}")
    return found, where, faults


def jinja_options(name: str) -> dict[str, str]:
    """Return how the application of a template reads it."""
    return JINJA_HQ if name.startswith("hq/") else JINJA_KIOSK


def sources() -> list[Path]:
    """Return the files that may speak to a person."""
    return sorted(
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts)
    )


def read_parts() -> tuple[dict[str, French], list[str]]:
    """Return the French of all parts, and where two parts disagree."""
    french: dict[str, French] = {}
    said_by: dict[str, str] = {}
    faults: list[str] = []
    for path in sorted(PARTS.glob("*.json")):
        try:
            part = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as problem:
            faults.append(f"{path.name}: {problem}")
            continue
        for msgid, raw in part.items():
            text = [typeset(t) for t in raw] if isinstance(raw, list) else typeset(raw)
            if msgid in french and french[msgid] != text:
                faults.append(f"{path.name} and {said_by[msgid]} disagree on {msgid!r}: {text!r} / {french[msgid]!r}")
                continue
            french[msgid] = text
            said_by[msgid] = path.name
    return french, faults


def typeset(text: str) -> str:
    """Return French text with its apostrophes and no-break spaces."""
    text = re.sub(r"(?<=\w)'(?=[\w«%])", "\u2019", text)
    text = re.sub(r" (?=[:;?!€»](?:\W|$))", NBSP, text)
    return text.replace("« ", f"«{NBSP}")


def wrong_shape(msgid: str, plural: str | None, french: French) -> str:
    """Return what is wrong with one translation, or an empty text."""
    if plural is None and isinstance(french, list):
        return "has two French forms and is not counted"
    if plural is not None and (isinstance(french, str) or len(french) != 2):
        return "is counted: give [singular, plural]"
    forms = [french] if isinstance(french, str) else french
    allowed = set(PLACEHOLDER.findall(msgid)) | set(PLACEHOLDER.findall(plural or "")) | ({"n"} if plural else set())
    for form in forms:
        named = set(PLACEHOLDER.findall(form))
        if not named <= allowed:
            return f"names {sorted(named - allowed)}, which the code does not give"
        if plural is None and named != allowed:
            return f"leaves out {sorted(allowed - named)}"
    return ""


def gather() -> Catalogue:
    """Return the catalogue as the tree says it now."""
    sentences, where, faults = extract()
    french, disagreements = read_parts()
    faults += disagreements
    for msgid, plural in sorted(sentences.items()):
        text = french.get(msgid)
        problem = wrong_shape(msgid, plural, text) if text else ""
        if problem:
            faults.append(f"{msgid!r} {problem}")
    return Catalogue(sentences, french, where, faults)


def pairs(catalogue: Catalogue) -> list[tuple[str, str | None, list[str]]]:
    """Return (msgid, plural, French forms) of what is translated, sorted."""
    rows: list[tuple[str, str | None, list[str]]] = []
    for msgid, plural in sorted(catalogue.sentences.items()):
        text = catalogue.french.get(msgid)
        if text and not wrong_shape(msgid, plural, text):
            rows.append((msgid, plural, [text] if isinstance(text, str) else text))
    return rows


def quoted(text: str) -> str:
    """Return a text as a .po string."""
    return json.dumps(text, ensure_ascii=False)


def as_po(catalogue: Catalogue) -> str:
    """Return the .po: sorted, without dates or places."""
    out = ['msgid ""', 'msgstr ""', *(quoted(line + "\n") for line in HEADER.splitlines()), ""]
    for msgid, plural, forms in pairs(catalogue):
        out.append(f"msgid {quoted(msgid)}")
        if plural is None:
            out.append(f"msgstr {quoted(forms[0])}")
        else:
            out.append(f"msgid_plural {quoted(plural)}")
            out += [f"msgstr[{i}] {quoted(form)}" for i, form in enumerate(forms)]
        out.append("")
    return "\n".join(out)


def as_mo(catalogue: Catalogue) -> bytes:
    """Return the compiled catalogue in GNU's format, as gettext reads it."""
    rows = [("", HEADER)] + [
        (msgid if plural is None else f"{msgid}\0{plural}", "\0".join(forms))
        for msgid, plural, forms in pairs(catalogue)
    ]
    encoded = sorted((key.encode(), value.encode()) for key, value in rows)
    n = len(encoded)
    start = 28 + 16 * n
    keys, values, index_keys, index_values = b"", b"", [], []
    for key, value in encoded:
        index_keys.append((len(key), start + len(keys)))
        keys += key + b"\0"
        index_values.append((len(value), len(values)))
        values += value + b"\0"
    base = start + len(keys)
    table = b"".join(struct.pack("<II", *place) for place in index_keys)
    table += b"".join(struct.pack("<II", size, base + offset) for size, offset in index_values)
    return struct.pack("<7I", 0x950412DE, 0, n, 28, 28 + 8 * n, 0, 28 + 16 * n) + table + keys + values


def write(path: Path, content: bytes) -> bool:
    """Replace a file in one move when its content changed; tell whether it did."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as new:
        new.write(content)
    Path(new.name).chmod(0o644)
    Path(new.name).replace(path)
    return True


def main(arguments: list[str]) -> int:
    """Write the catalogue, or with --check only tell whether it is up to date."""
    # Two people at once must not write half a catalogue each.
    with (ROOT / ".dev.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        catalogue = gather()
        po, mo = as_po(catalogue).encode(), as_mo(catalogue)
        gettext.GNUTranslations(io.BytesIO(mo))
        stale = False
        for path, content in ((FOLDER / "zinc.po", po), (FOLDER / "zinc.mo", mo)):
            if "--check" in arguments:
                stale |= not path.exists() or path.read_bytes() != content
            else:
                write(path, content)
    return tell(catalogue, stale=stale)


def tell(catalogue: Catalogue, *, stale: bool) -> int:
    """Print what is wrong; return the exit code."""
    for msgid in catalogue.unused:
        print(f"unused   {msgid!r}")
    for fault in catalogue.faults:
        print(f"wrong    {fault}")
    for msgid in catalogue.missing:
        print(f"missing  {msgid!r}  ({catalogue.where[msgid]})")
    if stale:
        print("stale    zinc.po or zinc.mo: run python3 dev.py french and commit both")
    print(
        f"{len(catalogue.sentences)} sentences, {len(catalogue.missing)} missing, {len(catalogue.faults)} wrong,"
        f" {len(catalogue.unused)} unused"
    )
    return 1 if catalogue.missing or catalogue.faults or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

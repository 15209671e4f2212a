"""The stand-alone verifier: one file that agrees with the till, and finds what was done to an archive (R27)."""

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos import drafts, seal, zcj
from pos.archive import bundle, verifier
from pos.archive.make import Made, make_archive
from pos.clock import StoppedClock
from pos.store import Store
from tests.cast import BEA
from tests.conftest import key_of
from tests.house.tree import ROOT, text_of

Autumn = tuple[Store, StoppedClock]
SOURCE = ROOT / "pos" / "archive" / "verifier.py"
VECTORS = json.loads(text_of(ROOT / "tests" / "golden" / "zjp.json"))


def run(*arguments: str, folder: Path, file: str = "verifier.py") -> subprocess.CompletedProcess[str]:
    """Run the verifier as a stranger would: another folder, no site packages, no environment."""
    return subprocess.run(
        [sys.executable, "-I", "-S", file, *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin", "LANG": "C"},
        encoding="utf-8",
    )  # fmt: skip


@pytest.fixture
def unpacked(october: Made, tmp_path: Path) -> Path:
    """The archive of October, in a folder of its own."""
    with zipfile.ZipFile(october.path) as packed:
        packed.extractall(tmp_path / "x")
    return tmp_path / "x"


# One file, any Python


def test_it_is_one_file_of_the_standard_library() -> None:
    """Nothing is imported but what every Python has, and nothing of ours."""
    tree = ast.parse(text_of(SOURCE))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_it_is_read_by_python_3_8() -> None:
    """No syntax of later Pythons; no annotation that an older one could not evaluate."""
    tree = ast.parse(text_of(SOURCE), feature_version=(3, 8))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign | ast.Match)]
    later = {"removeprefix", "removesuffix", "file_digest", "batched", "is_relative_to"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in later]


def test_the_copy_in_the_archive_runs_alone(october: Made, unpacked: Path) -> None:
    """In a folder without Zinc: the unpacked folder, the ZIP, with every seal; exit code 0 and « INTACTE »."""
    assert (unpacked / "verifier.py").read_bytes() == SOURCE.read_bytes()
    shutil.copy(october.path, unpacked.parent / "a.zip")
    for asked in ((".",), ("../a.zip", "--all-seals")):
        done = run(*asked, folder=unpacked)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "INTACTE" in done.stdout
    assert "sceaux à vérifier un à un" in done.stdout
    assert f"{october.event.entries} sceaux vérifiés" in done.stdout


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    """A missing path or another file: exit code 2, a sentence, no traceback."""
    (tmp_path / "other.txt").write_text("bonjour\n")
    (tmp_path / "empty").mkdir()
    for asked in ("nowhere.zip", "other.txt", "empty"):
        done = run(asked, folder=tmp_path, file=str(SOURCE))
        assert done.returncode == 2, done.stdout + done.stderr
        assert "RIEN À VÉRIFIER" in done.stdout
        assert done.stderr == ""


# The same arithmetic as the till's


def test_it_agrees_with_the_published_vectors() -> None:
    """Key names, grant, entry hashes, head and ack of the protocol's vectors (and the forged one is refused)."""
    keys = {name: verifier.key(bytes.fromhex(told["pub"])) for name, told in VECTORS["keys"].items()}
    assert {name: one.kid for name, one in keys.items()} == {n: told["kid"] for n, told in VECTORS["keys"].items()}
    grant = VECTORS["grant"]
    assert verifier.domain_hash(verifier.GENESIS, grant["bytes"].encode()).hex() == grant["genesis_hash"]
    assert keys["hq"].signed(verifier.GRANT, grant["bytes"].encode(), bytes.fromhex(grant["sig"]))
    before = bytes.fromhex(grant["genesis_hash"])
    for entry in VECTORS["entries"]:
        before = verifier.domain_hash(verifier.ENTRY, before, entry["body"].encode())
        assert before.hex() == entry["hash"]
    for name, who, domain in (("head", "box", verifier.HEAD), ("ack", "hq", verifier.ACK)):
        told = VECTORS[name]
        assert keys[who].signed(domain, told["bytes"].encode(), bytes.fromhex(told["sig"]))
        assert not keys["box2"].signed(domain, told["bytes"].encode(), bytes.fromhex(told["sig"]))
    forged = next(case for case in VECTORS["negative"] if "sig" in case)
    assert not keys["box"].signed(verifier.HEAD, VECTORS["head"]["bytes"].encode(), bytes.fromhex(forged["sig"]))


@settings(max_examples=60, deadline=None)
@given(message=st.binary(max_size=80), flip=st.integers(0, 64 * 8 - 1), who=st.sampled_from(["box", "hq", "box2"]))
def test_signatures_agree_with_libsodium(message: bytes, flip: int, who: str) -> None:
    """What the till signs is good, and no other signature, message or key is; as libsodium finds."""
    keyring = key_of(who)
    mine = verifier.key(keyring.public)
    signature = keyring.sign(seal.SEAL, message)
    assert mine.signed(verifier.SEAL, message, signature)
    assert not mine.signed(verifier.SEAL, message + b"x", signature)
    assert not verifier.key(key_of("other").public).signed(verifier.SEAL, message, signature)
    bad = bytearray(signature)
    bad[flip // 8] ^= 1 << flip % 8
    assert mine.signed(verifier.SEAL, message, bytes(bad)) == seal.verify(
        keyring.public, seal.SEAL, message, bytes(bad)
    )


def test_weak_keys_and_second_forms_of_a_signature_are_refused() -> None:
    """A key of small order signs anything; S plus the group's order is the same signature written twice."""
    for raw in (bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f", b"\xff" * 32):
        assert not verifier.key(raw).signed(verifier.SEAL, b"m", bytes(64))
        assert not verifier.key(raw).signed(verifier.SEAL, b"m", b"\x01" + bytes(63))
    keyring = key_of("box")
    good = keyring.sign(seal.SEAL, b"m")
    twice = good[:32] + (int.from_bytes(good[32:], "little") + verifier._ORDER).to_bytes(32, "little")
    assert not verifier.key(keyring.public).signed(verifier.SEAL, b"m", twice)


# Tampering


def resigned(folder: Path, who: str = "box") -> None:
    """Write sums and manifest again, as somebody with a key would."""
    manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
    names = [n for n in bundle.names_in(folder) if n not in (bundle.MANIFEST, bundle.SIGNATURE)]
    manifest["files"] = {name: bundle._file(folder / name) for name in names}
    keyring = key_of(who)
    manifest["key"] = keyring.public.hex()
    raw = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    (folder / bundle.MANIFEST).write_bytes(raw)
    (folder / bundle.SIGNATURE).write_bytes(keyring.sign(bundle.ARCHIVE, raw))


def lines(folder: Path) -> list[bytes]:
    return (folder / "journal" / "journal-1.ndjson").read_bytes().splitlines(keepends=True)


def put(folder: Path, told: list[bytes]) -> None:
    (folder / "journal" / "journal-1.ndjson").write_bytes(b"".join(told))


def changed_byte(folder: Path) -> int:
    told = lines(folder)
    told[5] = told[5].replace(b'"total":', b'"total":1', 1)
    put(folder, told)
    return 5


def dropped(folder: Path) -> int:
    told = lines(folder)
    del told[7]
    put(folder, told)
    return 7


def swapped(folder: Path) -> int:
    told = lines(folder)
    told[4], told[5] = told[5], told[4]
    put(folder, told)
    return 4


def inserted(folder: Path) -> int:
    told = lines(folder)
    told.insert(6, told[6])
    put(folder, told)
    return 7


def cut(folder: Path) -> int:
    told = lines(folder)
    put(folder, told[:-3])
    return len(told) - 3


def sealed_by_another(folder: Path) -> int:
    told = lines(folder)
    body, digest, _seal = verifier.read_line(told[-1])
    other = key_of("other").sign(seal.SEAL, digest)
    told[-1] = b'{"body":%s,"hash":"%s","seal":"%s"}\n' % (body, digest.hex().encode(), other.hex().encode())
    put(folder, told)
    return len(told) - 1


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None], at: int) -> None:
    """Change an entry and make every hash and seal after it anew, as the owner of the box's key could."""
    told = lines(folder)
    manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
    before = bytes.fromhex(manifest["journals"][0]["prev"])
    for i, line in enumerate(told):
        body, digest, mark = verifier.read_line(line)
        if i >= at:
            entry = json.loads(body)
            if i == at:
                change(entry["data"])
            if "head" in entry["data"] and i > at:
                entry["data"]["head"] = before.hex()
            body = zcj.encode(entry)
            digest = seal.chain(before, body)
            mark = key_of("box").sign(seal.SEAL, digest)
        told[i] = b'{"body":%s,"hash":"%s","seal":"%s"}\n' % (body, digest.hex().encode(), mark.hex().encode())
        before = digest
    put(folder, told)
    manifest["journals"][0]["head"] = before.hex()
    (folder / bundle.MANIFEST).write_bytes(json.dumps(manifest).encode())


def closure_edited(folder: Path) -> int:
    """The total of the last Z is lowered, and everything signed again with the true key."""
    kinds = [json.loads(verifier.read_line(line)[0])["kind"] for line in lines(folder)]
    at = len(kinds) - 1 - kinds[::-1].index("till.day_closed")
    rewritten(folder, lambda data: data.update(turnover=data["turnover"] - 100), at)
    return at


def month_edited(folder: Path) -> int:
    """The month's own total is lowered with the true key; its days are left as they were."""
    at = len(lines(folder)) - 1
    rewritten(folder, lambda data: data.update(turnover=data["turnover"] - 100), at)
    return at


def sale_lowered(folder: Path) -> int:
    """A sale is lowered with the true key: the next Z no longer adds up."""
    told = [json.loads(verifier.read_line(line)[0]) for line in lines(folder)]
    at = next(i for i, entry in enumerate(told) if i and entry["data"].get("vat") and "tab" in entry["data"])

    def lower(data: dict[str, Any]) -> None:
        line = next(one for one in data["lines"] if not one.get("vat_code"))
        rate = next(one for one in data["vat"] if one["bp"] == line["vat"])
        for part, names in ((line, ("gross", "net")), (rate, ("gross", "net")), (data, ("total", "turnover"))):
            for name in names:
                part[name] -= 1
        data["payments"][0]["amount"] -= 1

    rewritten(folder, lower, at)
    return next(i for i, entry in enumerate(told) if i > at and entry["kind"] == "till.day_closed")


@pytest.mark.parametrize(
    "tamper",
    [changed_byte, dropped, swapped, inserted, cut, sealed_by_another, closure_edited, month_edited, sale_lowered],
)
def test_nine_kinds_of_tampering_are_found_at_their_entry(unpacked: Path, tamper: Callable[[Path], int]) -> None:
    """R27: even when the manifest was signed again with the till's own key, the first bad entry is named."""
    first = json.loads((unpacked / bundle.MANIFEST).read_bytes())["journals"][0]["first"]
    at = first + tamper(unpacked)
    resigned(unpacked)
    done = run(".", folder=unpacked)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "ANOMALIE" in done.stdout
    assert f"écriture {at}" in done.stdout
    assert done.stderr == ""


def test_a_changed_file_is_found_without_the_key(unpacked: Path) -> None:
    """Without the till's key nothing can be signed again: any file, the manifest, another signer."""
    for name in ("tableaux/tickets.csv", "cles/siege.pem", "LISEZ-MOI.txt", bundle.MANIFEST, bundle.SIGNATURE):
        was = (unpacked / name).read_bytes()
        (unpacked / name).write_bytes(was[:-1] + bytes([was[-1] ^ 1]))
        done = run(".", folder=unpacked)
        assert (done.returncode, "ANOMALIE" in done.stdout) == (1, True), name
        (unpacked / name).write_bytes(was)
    (unpacked / "more.csv").write_text("x")
    assert "more.csv n’est pas au manifeste" in run(".", folder=unpacked).stdout
    (unpacked / "more.csv").unlink()
    resigned(unpacked, "other")
    assert "manifeste" in run(".", folder=unpacked).stdout


def test_a_changed_journal_names_its_entry(unpacked: Path) -> None:
    """The sum of a file says which file; the chain says which entry."""
    changed_byte(unpacked)
    first = json.loads((unpacked / bundle.MANIFEST).read_bytes())["journals"][0]["first"]
    assert f"écriture {first + 5}) : le fichier journal/journal-1.ndjson" in run(".", folder=unpacked).stdout


def test_a_changed_seal_names_its_entry_too(unpacked: Path) -> None:
    """Without --all-seals a single seal is not read; the sum of its file is, and then every seal is."""
    told = lines(unpacked)
    first = json.loads((unpacked / bundle.MANIFEST).read_bytes())["journals"][0]["first"]
    told[6] = told[6][:-10] + (b"0" if told[6][-10:-9] != b"0" else b"1") + told[6][-9:]
    put(unpacked, told)
    assert f"écriture {first + 6}) : le fichier journal/journal-1.ndjson" in run(".", folder=unpacked).stdout


# A whole café's file


def test_a_whole_file_is_verified_with_hqs_acknowledgement(autumn: Autumn, tmp_path: Path) -> None:
    """The box's file: whole; then its tail is cut below what HQ acknowledged, and even the tables follow."""
    store, _clock = autumn
    opened, hq = store.journal, key_of("hq")
    assert opened is not None
    tip = store.tip()
    text = zcj.encode(
        {
            "cafe": 17,
            "head": tip.hash.hex(),
            "j": opened.jid,
            "kid": hq.kid,
            "seq": tip.seq,
            "t": 1,
            "type": "ack",
            "v": 1,
        }
    )
    with store.writing(by=BEA) as tx:
        drafts.put(tx.conn, "hq_ack", {"ack": text.decode(), "sig": hq.sign(seal.ACK, text).hex()})
    done = run(str(store.path), folder=tmp_path, file=str(SOURCE))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 accusé de réception du siège vérifié" in done.stdout
    store._writer.execute("DROP TRIGGER journal_entry_is_kept")
    store._writer.execute("DELETE FROM journal_entry WHERE seq > ?", (tip.seq - 12,))
    store.retell()
    done = run(str(store.path), folder=tmp_path, file=str(SOURCE))
    assert done.returncode == 1
    assert f"le siège avait reçu le journal jusqu’à l’écriture {tip.seq}" in done.stdout


def test_a_cut_below_the_last_closure_is_found_by_the_tables(autumn: Autumn, tmp_path: Path) -> None:
    """Before HQ was ever reached, tickets and Z that the tables still know betray a cut tail."""
    store, _clock = autumn
    store._writer.execute("DROP TRIGGER journal_entry_is_kept")
    store._writer.execute("DELETE FROM journal_entry WHERE seq >= (SELECT max(closed_seq) FROM till_day)")
    done = run(str(store.path), folder=tmp_path, file=str(SOURCE))
    assert done.returncode == 1
    assert "sa fin a été coupée" in done.stdout


def test_an_archive_of_the_first_month_begins_at_the_grant(autumn: Autumn, tmp_path: Path) -> None:
    """No Z before it: the journal begins with what HQ signed."""
    store, _clock = autumn
    made = make_archive(store, asked="2026-09", folder=tmp_path, by=BEA)
    with zipfile.ZipFile(made.path) as packed:
        assert json.loads(packed.read(bundle.MANIFEST))["journals"][0]["first"] == 0
    assert run(str(made.path), folder=tmp_path, file=str(SOURCE)).returncode == 0


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 10**9), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_zip_is_never_whole_unless_it_says_the_same(october: Made, place: int, bit: int, cut: bool) -> None:
    """One bit or the end of the file: a fault or nothing to read, in words; else what is inside is the same."""
    whole = october.path.read_bytes()
    data = bytearray(whole)
    if cut:
        del data[place % len(data) :]
    else:
        data[place % len(data)] ^= 1 << bit
    path = october.path.with_name("damaged.zip")
    path.write_bytes(data)
    try:
        verifier.check(verifier.open_source(path))
    except (verifier.Fault, verifier.Unreadable) as found:
        assert str(found)
    else:
        with zipfile.ZipFile(path) as damaged, zipfile.ZipFile(october.path) as sound:
            assert {n: damaged.read(n) for n in damaged.namelist()} == {n: sound.read(n) for n in sound.namelist()}

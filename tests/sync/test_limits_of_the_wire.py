"""Every refusal of bytes from the line: its word, its reason, and the very byte where it begins. Pure functions."""

import base64
import gzip
import hashlib
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from pos import seal, zcj
from pos.seal import Keyring
from sync import checkpoint, manifest, merkle, wire
from sync.checkpoint import Checkpoint
from sync.health import Stats
from sync.manifest import Channel, Manifest
from sync.wire import Malformed
from tests.conftest import key_of

HQ, BOX = key_of("hq"), key_of("box")
HEAD = wire.Head(boot=1, cafe=17, head="ab" * 32, j="0" * 16, kid=BOX.kid, mono=1, seq=1, t=1, tq=2)


def says(read: Callable[[], object], told: str) -> None:
    """Hold a refusal to its word and its reason."""
    with pytest.raises(Malformed) as no:
        read()
    assert str(no.value) == told
    assert (no.value.code, no.value.detail) == (told.partition(": ")[0], told.partition(": ")[2])


def header(**more: Any) -> bytes:
    """The first line of a batch of one entry."""
    told: dict[str, Any] = {"count": 1, "first": 1, "head": HEAD, "prev": "00" * 32, "sig": "00" * 64}
    return wire.dump(wire.BatchHeader(**told | more))


def test_a_batch_is_refused_beyond_its_limits_and_not_before() -> None:
    """16 MiB, 5,000 entries and 4 KiB of header are taken; one more byte, entry or sign is not."""
    most = wire.UNPACKED_MAX - 1
    says(lambda: wire.read_batch(b"0" * most + b"\n"), "too_large: header")
    says(lambda: wire.read_batch(b"0" * (most + 1) + b"\n"), "too_large")
    full = header() + b"\n" + b"{}\n" * wire.ENTRIES_MAX
    assert len(wire.read_batch(full).bodies) == wire.ENTRIES_MAX == 5_000
    says(lambda: wire.read_batch(full + b"{}\n"), "too_large")
    says(lambda: wire.read_batch(full[:-1]), "bad_field: the last line has no end")
    long = header(prev="0" * (4096 - len(header(prev=""))))
    assert (len(long), len(wire.read_batch(long + b"\n").header.prev)) == (4096, 4096 - len(header(prev="")))
    says(lambda: wire.read_batch(long.replace(b'"prev":"', b'"prev":"0') + b"\n"), "too_large: header")
    assert wire.read_batch(header() + b"\n").head_bytes == wire.dump(HEAD)


def test_what_is_packed_is_packed_always_the_same_and_opened_up_to_a_limit() -> None:
    """Level 6 without a time; the limit is taken and nothing above it, whatever the limit; two members are not one."""
    raw = b"".join(b"%d,%d;" % (n * n, n % 7) for n in range(4_000))
    assert wire.pack(raw) == gzip.compress(raw, 6, mtime=0)
    assert len({len(zlib.compress(raw, level)) for level in (5, 6, 7)}) == 3
    assert wire.unpack(gzip.compress(b"x" * 100), 100) == b"x" * 100
    says(lambda: wire.unpack(gzip.compress(b"x" * 101), 100), "too_large: more than 100 bytes inflated")
    says(lambda: wire.unpack(gzip.compress(b"x" * 5_000), 100), "too_large: more than 100 bytes inflated")
    says(lambda: wire.unpack(b"no gzip"), "bad_field: not gzip")
    says(lambda: wire.unpack(zlib.compress(b"x")), "bad_field: not gzip")
    for bad in (wire.pack(b"x")[:-1], wire.pack(b"x") + b"x"):
        says(lambda bad=bad: wire.unpack(bad), "bad_field: gzip cut short or followed by something")


def test_an_entry_is_carried_packed_up_to_the_limit_of_entries() -> None:
    """What fits an entry comes back the same; longer, cut, followed or rubbish is refused."""
    most = b"x" * zcj.ENTRY_MAX_BYTES
    assert wire.unpack_entry(wire.pack_entry(most)) == most
    assert base64.b64decode(wire.pack_entry(most)) == zlib.compress(most, 9)
    odd = "bad_field: a packed entry cut short, too long or followed by something"
    good = zlib.compress(b"{}")
    for bad in (zlib.compress(most + b"x"), good[:-1], good + b"x"):
        says(lambda bad=bad: wire.unpack_entry(base64.b64encode(bad).decode()), odd)
    for text in ("*", base64.b64encode(b"rubbish").decode(), wire.pack_entry(b"{}") + "*", "é"):
        says(lambda text=text: wire.unpack_entry(text), "bad_field: not a packed entry")


def test_hexadecimal_is_lower_case_and_whole() -> None:
    """Capitals, spaces, other signs and other lengths are refused, under the word that the caller asks for."""
    assert wire.unhex("00ff", 2) == b"\0\xff"
    says(lambda: wire.unhex("zz", 1), "bad_field: not hexadecimal")
    says(lambda: wire.unhex("zz", 1, "bad_signature"), "bad_signature: not hexadecimal")
    for text in ("00", "00ff00", "00FF", "00 ff"):
        says(lambda text=text: wire.unhex(text, 2), "bad_field: not 2 bytes in lower-case hexadecimal")


def test_a_message_is_refused_with_the_reason() -> None:
    """Not canonical, not of its shape, or with something left out that must be said; reasons are short."""
    good = wire.dump(HEAD)
    assert wire.parse(good, wire.Head) == wire.parse(good.decode(), wire.Head) == HEAD
    for raw, word in (
        (good.replace(b'"boot":1,', b'"boot": 1,'), "not_canonical"), (b"{", "not_canonical"),
        (good.replace(b'"seq":1,', b""), "bad_field"), (good.replace(b'"v":1', b'"v":2'), "bad_field"),
    ):  # fmt: skip
        with pytest.raises(Malformed) as no:
            wire.parse(raw, wire.Head)
        assert no.value.code == word
        assert 0 < len(no.value.detail) <= 200
    says(lambda: wire.parse(good.replace(b',"type":"head"', b""), wire.Head), "bad_field: type or version left out")
    says(lambda: wire.parse(good.replace(b',"v":1', b""), wire.Head, "bad_head"), "bad_head: type or version left out")
    with pytest.raises(Malformed, match=r"^bad_head: ") as no:
        wire.parse(good.replace(b'"seq":1,', b""), wire.Head, "bad_head")
    with pytest.raises(Malformed) as no:
        wire.parse(good.replace(b'"type":"head"', b'"type":"' + b"x" * 400 + b'"'), wire.Head)
    assert len(no.value.detail) == 200
    assert (str(Malformed("word")), Malformed("word").detail) == ("word", "")


def test_a_reason_is_that_of_what_was_found() -> None:
    """Whoever reads HQ's log is told which key, which field: the reason of the canonical form or of the shape, as it is."""
    for raw, read in (
        (b'{"a":1.5}', zcj.decode),
        (wire.dump(HEAD).replace(b'"seq":1', b'"seq":"1"'), msgspec.json.Decoder(wire.Head).decode),
    ):
        with pytest.raises((zcj.NotCanonical, msgspec.DecodeError)) as found:
            read(raw)
        with pytest.raises(Malformed) as no:
            wire.parse(raw, wire.Head)
        assert no.value.detail == str(found.value)


def test_a_bomb_takes_no_memory() -> None:
    """What inflates a thousand times is stopped while it inflates, not after."""
    bomb = gzip.compress(b"0" * 2**23)
    tracemalloc.start()
    with pytest.raises(Malformed, match="too_large"):
        wire.unpack(bomb, 1_000)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**19


def test_a_hello_is_signed_as_it_is_written_and_read_as_it_came() -> None:
    """The message goes as text within the signed one: its bytes come back whole, with the signature of the box over them."""
    hello = wire.Hello(challenge="c", head=HEAD, head_sig="00" * 64, sw="1", stats=Stats())
    raw = wire.sign_hello(BOX, hello)
    told, message, signature = wire.read_hello(raw)
    assert (told, message) == (hello, wire.dump(hello))
    assert seal.verify(BOX.public, wire.HELLO, message, signature)
    assert msgspec.json.decode(raw) == {"hello": message.decode(), "sig": signature.hex()}
    says(
        lambda: wire.read_hello(raw.replace(b'"sig":"', b'"sig":"00')),
        "bad_field: not 64 bytes in lower-case hexadecimal",
    )
    with pytest.raises(Malformed):
        wire.read_hello(raw.replace(b'"sig"', b'"sign"'))


def test_a_signed_message_of_a_later_release_may_say_more() -> None:
    """A hello or a manifest may have fields nobody knows yet: what is signed are its bytes, not our idea of them."""
    told = Manifest(cafe=17, channels={}, serial=1, t=1)
    more = wire.dump(told)[:-1].replace(b'"t":1', b'"t":1') + b',"zz":1}'
    assert wire.parse(more, Manifest) == told
    with pytest.raises(Malformed):
        wire.parse(wire.dump(HEAD)[:-1] + b',"zz":1}', wire.Head)


def test_an_ack_is_hqs_by_its_name_and_by_its_hand() -> None:
    """The key it names must be HQ's, and the signature that key's: one without the other is nothing."""
    ack, signature = wire.sign_ack(HQ, cafe=17, jid="0" * 16, seq=6, head=b"\1" * 32, at=5)
    assert wire.ack_is_good(HQ.public, ack, signature)
    assert not wire.ack_is_good(HQ.public, ack, b"\0" * 64)
    renamed = msgspec.structs.replace(ack, kid=BOX.kid)
    assert not wire.ack_is_good(HQ.public, renamed, HQ.sign(wire.ACK, wire.dump(renamed)))


@pytest.mark.parametrize("text", ["", "K7QF", "K7QF-M2XD-9RT4-WH8U", "K7QF-M2XD-9RT4-WH83-0", "é" * 16])
def test_a_code_of_other_signs_is_no_code(text: str) -> None:
    """Sixteen letters and digits, no U, no accent."""
    says(lambda: wire.read_code(text), "bad_code: 16 letters and digits")


def test_a_mistyped_code_is_told_before_it_is_tried() -> None:
    """Each sign changed to each other is caught by the check sign, but for one in 32 of them; every kind of space is forgiven."""
    good = str(wire.EnrolCode("K7QF", "M2XD9RT4WH8"))
    assert str(wire.read_code(good)) == good
    assert wire.read_code("\u00a0\u202f\u2011 -".join(good.lower())) == wire.read_code(good)
    wrong = good[:-1] + wire.ALPHABET[wire.ALPHABET.index(good[-1]) - 1]
    says(lambda: wire.read_code(wrong), "bad_code: check sign")


# What comes down


def signed(told: Manifest, key: Keyring = HQ) -> manifest.Signed:
    """A manifest as a key signs it."""
    return manifest.sign(key, told)


def test_a_manifest_is_refused_with_the_name_of_the_attack() -> None:
    """Another hand, another café, an older serial, one that leaps: refused; the same serial and the longest leap are not."""
    channel = Channel(n=1, sha256="ab" * 32)
    told = Manifest(cafe=17, channels={"announce": channel}, serial=7, t=1)
    leap = manifest.LEAP_MOST
    assert manifest.read(HQ.public, 17, signed(told), have=7) == told
    assert manifest.read(HQ.public, 17, signed(told), have=6) == told
    says(lambda: manifest.read(HQ.public, 17, signed(told, BOX), have=0), "bad_signature: manifest")
    says(lambda: manifest.read(HQ.public, 18, signed(told), have=0), "other_cafe: 17")
    says(lambda: manifest.read(HQ.public, 17, signed(told), have=8), "rollback: 7<8")
    far = msgspec.structs.replace(told, serial=7 + leap)
    assert manifest.read(HQ.public, 17, signed(far), have=7).serial == 7 + leap
    says(lambda: manifest.read(HQ.public, 17, signed(far), have=6), f"fast_forward: {7 + leap}")
    for bad in ("ab" * 31, "AB" * 32):
        odd = msgspec.structs.replace(told, channels={"announce": channel, "prices": Channel(n=1, sha256=bad)})
        says(
            lambda odd=odd: manifest.read(HQ.public, 17, signed(odd), have=0),
            "bad_field: not 32 bytes in lower-case hexadecimal",
        )


def test_a_manifest_is_told_from_another_of_its_number() -> None:
    """Sixteen signs of the hash of its text."""
    assert manifest.mark("zinc") == hashlib.sha256(b"zinc").hexdigest()[:16]


def test_a_blob_is_the_one_that_was_named() -> None:
    """Another one is refused, and so is one beyond its limit; the limit itself is taken."""
    most = b"x" * manifest.BLOB_MAX
    assert manifest.open_blob(wire.pack(most), manifest.digest(most)) == most
    says(lambda: manifest.open_blob(wire.pack(b"y"), "ab" * 32), "mix_and_match: " + "ab" * 8)
    says(
        lambda: manifest.open_blob(wire.pack(most + b"x"), manifest.digest(most + b"x")),
        f"too_large: more than {manifest.BLOB_MAX} bytes inflated",
    )


# HQ's log


def note(origin: str = "hq.zinc.example/heads", size: int = 5, root: bytes = bytes(32)) -> str:
    """The note of a checkpoint."""
    return checkpoint.sign(HQ, Checkpoint(origin, size, root))


def test_a_note_is_read_as_it_is_written_and_no_other_way() -> None:
    """Other spaces, signs among the base 64, a second empty line: the same words, and no note."""
    good = note(root=bytes(range(32)))
    assert checkpoint.read(good, HQ.public) == Checkpoint("hq.zinc.example/heads", 5, bytes(range(32)))
    root, mark = good.split("\n")[2], good.split("\n")[4].rpartition(" ")[2]
    for bad in (
        good.replace("\n5\n", " 5\n"), good.replace(root, "*" + root), good.replace(mark, "*" + mark),
        good + "\n" + good.split("\n")[4] + "\n", good.replace("\n\n", "\n \n"), "\n" + good,
        good.replace(root, root[:-4]), good.replace("\n5\n", "\n" + "5" * 19 + "\n"),
    ):  # fmt: skip
        assert bad != good
        assert checkpoint.read(bad, HQ.public) is None


def test_a_note_is_as_long_as_it_may_be_and_no_longer() -> None:
    """Witnesses sign beside HQ: up to 2,000 signs in all; the name of a log has up to 120, a size eighteen digits."""
    good = note()
    for spare, read in ((checkpoint.NOTE_MAX - len(good), True), (checkpoint.NOTE_MAX - len(good) + 1, False)):
        beside = good + "—" * (spare - 1) + "\n"
        assert (checkpoint.read(beside, HQ.public) is not None) is read
    for origin, fine in (("a" * 120, True), ("a" * 121, False), ("", False), ("a+b", False), ("a\tb", False)):
        assert checkpoint.origin_is_good(origin) is fine
    huge = int("9" * 18)
    assert checkpoint.read(note(size=huge), HQ.public) == Checkpoint("hq.zinc.example/heads", huge, bytes(32))
    with pytest.raises(ValueError, match=r"^not the name of a log$"):
        note("two words")


def test_the_leaf_of_a_head_is_canonical() -> None:
    """An auditor makes the same bytes: café, journal, number, hash, in the order of their names."""
    assert checkpoint.leaf(17, "ab", 3, "cd") == b'{"cafe":17,"head":"cd","j":"ab","seq":3}'


def test_tiles_are_asked_for_only_where_they_are() -> None:
    """A log that grows past a tile's end asks for no tile that is not there; what lacks is named."""
    asked: list[tuple[int, int]] = []

    def read(level: int, place: int) -> bytes:
        asked.append((level, place))
        return bytes(merkle.SIZE)

    tiles = merkle.grow(0, [bytes(32)] * 600, read)
    assert asked == []
    assert {place: len(tile) // 32 for place, tile in tiles.items()} == {
        (0, 0): 256,
        (0, 1): 256,
        (0, 2): 88,
        (1, 0): 2,
    }
    merkle.grow(256, [bytes(32)], read)
    assert asked == []
    merkle.grow(257, [bytes(32)], read)
    assert asked == [(0, 1)]
    joined = merkle.grow(200, [bytes(32)] * 100, lambda _level, _place: bytes(200 * 32))
    assert {place: len(tile) // 32 for place, tile in joined.items()} == {(0, 0): 256, (0, 1): 44, (1, 0): 1}
    # The last leaf of 65,536 ends a tile on two levels; each is asked for once.
    rows = {(0, 255): bytes(255 * 32), (1, 0): bytes(255 * 32)}
    full = merkle.grow(65_535, [bytes(32)], lambda level, place: rows.pop((level, place)))
    assert {place: len(tile) // 32 for place, tile in full.items()} == {(0, 255): 256, (1, 0): 256, (2, 0): 1}
    with pytest.raises(LookupError, match=r"^tile 0/1 does not hold 2 hashes$"):
        merkle.grow(258, [bytes(32)], read)
    with pytest.raises(ValueError, match=r"^no such leaf$"):
        merkle.inclusion(lambda _level, _place: b"", 1, 1)
    with pytest.raises(ValueError, match=r"^a log only grows$"):
        merkle.consistency(lambda _level, _place: b"", 2, 1)
    with pytest.raises(LookupError, match=r"^tile 0/0 ends before leaf hash 2$"):
        merkle.Tiles(read)(0, 1)

"""The publisher's individual attestation of one café's till, signed by HQ and kept on the box (R2, R3).

HQ writes it for a café, a fiscal version and a perimeter; the box shows it, prints it, puts it on the
stick for an inspector, and says when it is not the one of the software that runs.
"""

from typing import Any

import msgspec

from pos import drafts, hq_keys, perimeter, seal
from pos.i18n import N_, _
from pos.release import DEMONSTRATION, FISCAL_VERSION, VERSION
from pos.store import Store
from pos.till import tables
from sync import agent, hqkeys, trouble, wire
from sync.line import Hq, Told
from sync.trouble import LineTrouble

DOMAIN = b"zinc/attestation/1"
DRAFT = "attestation"
GOOD, MISSING, OTHER, FOREIGN = "good", "missing", "other", "foreign"

COVERED = (
    N_("taking orders and bills, selling, discounts, offered lines"), N_("payments by every means, change, cash-back"),
    N_("corrections, refunds, voids, duplicates, provisional bills"), N_("money taken for third parties"),
    N_("cash drawer: float, movements, counting"), N_("closings of the day, the month and the accounting year"),
    N_("the journal, its chaining, its seals, its acknowledgements by HQ"), N_("archives and their verifier, accounting files"),
)  # fmt: skip
NOT_COVERED = (
    N_("parcels, post, bikes, loans, meals rounds and the other counted services, but for the money they take"),
    N_("counting of uses, distances and impact"), N_("the shopping and consignment stock"), N_("the office of HQ"),
)  # fmt: skip


class NoPublisher(LineTrouble):
    """HQ has not said yet who signs."""

    code = "no_publisher"
    sentence = N_("HQ has not yet said who signs the attestations.")
    remedy = N_("Ask your coordinator: it is filled in once, in the office, under Attestations.")


class NoSiret(LineTrouble):
    """An attestation names the café."""

    code = "no_siret"
    sentence = N_("An attestation needs the café’s name and its SIRET.")
    remedy = N_("Fill them in under Menu, The café, then ask again.")


REFUSED: dict[str, type[LineTrouble]] = {no.code: no for no in (NoPublisher, NoSiret)}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a box says of itself when it asks for its attestation."""

    siret: str
    name: str
    address: str
    version: str
    fiscal: str
    perimeter: str


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """Who publishes the software and signs."""

    name: str = ""
    siren: str = ""
    address: str = ""
    signatory: str = ""
    quality: str = ""
    place: str = ""

    @property
    def complete(self) -> bool:
        """Whether an attestation can be signed."""
        return all(getattr(self, name) for name in self.__struct_fields__)


class Attestation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attestation: whose till, which software, since when, who says so."""

    cafe: int
    licence: str
    siret: str
    name: str
    address: str
    version: str
    fiscal: str
    perimeter: str
    acquired: str
    issued: str
    publisher: Publisher
    # Made while the software is a demonstration: it attests nothing.
    sample: bool = False


class Kept(msgspec.Struct, frozen=True):
    """An attestation as received: its exact text and HQ's signature."""

    body: str
    sig: str

    @property
    def read(self) -> Attestation:
        """Return what it says."""
        return msgspec.json.decode(self.body, type=Attestation)


def kept(store: Store) -> Kept | None:
    """Return the attestation of this box, when HQ's signature on it is good."""
    with store.reading() as conn:
        told: dict[str, Any] = drafts.get(conn, DRAFT, {})
    if not told.get("body") or store.journal is None:
        return None
    found = msgspec.convert({"body": told["body"], "sig": told["sig"]}, Kept)
    known = hqkeys.keys(store, store.journal)
    good = hq_keys.signed_by(known, DOMAIN, found.body.encode(), bytes.fromhex(found.sig))
    return found if good else None


def state(store: Store) -> str:
    """Return how the attestation stands to what runs: good, missing, of another version, or of another café."""
    opened, found, here = store.journal, kept(store), asked(store)
    if opened is None or found is None:
        return MISSING
    told = found.read
    if here is None or (told.siret, told.cafe) != (here.siret, opened.cafe):
        return FOREIGN
    # The root of the version is what an attestation vouches for; minor versions are covered by it (R4).
    return GOOD if told.fiscal.partition(".")[0] == here.fiscal.partition(".")[0] else OTHER


def asked(store: Store) -> Asked | None:
    """Return what this box says of itself, once it knows which café it is."""
    with store.reading() as conn:
        cafe = tables.cafe(conn)
    if cafe is None:
        return None
    return Asked(
        siret=cafe.siret, name=f"{cafe.legal_entity} ({cafe.sign})", address=f"{cafe.street}, {cafe.postcode} {cafe.town}",
        version=VERSION, fiscal=FISCAL_VERSION, perimeter=perimeter.digest(perimeter.manifest()),
    )  # fmt: skip


def renew(store: Store, line: Hq) -> Attestation:
    """Ask HQ for the attestation of what runs here, and keep it. Raises SyncTrouble."""
    opened, about = store.journal, asked(store)
    if opened is None or about is None:
        raise NoSiret
    try:
        token = agent.greet(store, opened, line, store.tip(), VERSION).token
        found = line.attestation(wire.dump(about), token)
        signature, told = wire.unhex(found.sig, 64), wire.parse(found.body, Attestation)
    except Told as no:
        raise (REFUSED[no.code] if no.code in REFUSED else agent.meant(no, 0)) from no
    except wire.Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    if not seal.verify(hqkeys.current(store, opened), DOMAIN, found.body.encode(), signature):
        raise trouble.HqNotProven
    with store.writing(by=agent.BOX) as tx:
        drafts.put(tx.conn, DRAFT, {"body": found.body, "sig": found.sig, "text": as_text(told)})
    return told


def as_text(told: Attestation) -> str:
    """Return the attestation as plain text, both parts, ready to print and sign."""
    return "\n".join(line for _kind, line in lines(told)) + "\n"


def lines(told: Attestation) -> list[tuple[str, str]]:
    """Return the attestation as (kind, text): title, part, say, item or sign. After the administration's model letter."""
    who = told.publisher
    draft = [("part", _("SAMPLE: demonstration software, this document attests nothing."))] if told.sample else []
    return [
        ("title", _("Individual attestation of the publisher of a till software")),
        ("say", _("Article 286, I, 3° bis of the general tax code")),
        *draft,
        ("part", _("Part 1, by the publisher of the software")),
        ("say", _("I, the undersigned %(signatory)s, %(quality)s of %(name)s, SIREN %(siren)s, %(address)s, publisher of the software Zinc, attest that this software, version %(version)s, fiscal version %(fiscal)s, satisfies the conditions of inalterability, security, conservation and archiving of data required by the administration, as article 286, I, 3° bis of the general tax code provides.",
                  signatory=who.signatory, quality=who.quality, name=who.name, siren=who.siren, address=who.address, version=told.version, fiscal=told.fiscal)),
        ("say", _("Fingerprint of the fiscal perimeter: %(digest)s. Licence number: %(licence)s.", digest=told.perimeter, licence=told.licence)),
        ("say", _("This software is used since %(day)s by %(name)s, SIRET %(siret)s, %(address)s.", day=told.acquired, name=told.name, siret=told.siret, address=told.address)),
        ("say", _("The attestation covers these functions:")),
        *(("item", f"– {_(one)}") for one in COVERED),
        ("say", _("It does not cover:")),
        *(("item", f"– {_(one)}") for one in NOT_COVERED),
        ("say", _("Minor versions, those that keep the root %(root)s, are covered by this attestation.", root=told.fiscal.partition(".")[0])),
        ("sign", _("Done at %(place)s, on %(day)s. Name and signature:", place=who.place, day=told.issued) + f" {who.signatory}"),
        ("part", _("Part 2, by the user of the software")),
        ("say", _("I, the undersigned, legal representative of %(name)s, attest that I use the software above since %(day)s to record the payments of my customers.", name=told.name, day=told.acquired)),
        ("sign", _("Done at, on, name, quality and signature:") + " ______________________________"),
        ("say", _("Making a false attestation, or using one, is punished by article 441-1 of the penal code.")),
    ]  # fmt: skip


def sample() -> bool:
    """Tell whether what HQ writes today attests nothing."""
    return DEMONSTRATION

"""Write the description of HQ's line for boxes: `hq/openapi.json`, from the very shapes both ends read and write.

The desk says which routes there are (`hq/desk.py`), the wire what goes in, the box's line what comes out.
"""

import sys
from pathlib import Path
from typing import Any, Literal

import msgspec

from hq import desk, enrolment
from pos.release import VERSION
from sync import attestation, ingest, line, manifest, wire

OUT = Path(__file__).resolve().parent.parent / "hq" / "openapi.json"
REF = "#/components/schemas/{name}"


class Problem(msgspec.Struct, frozen=True):
    """Why HQ does not do what was asked. More fields may come with a code."""

    code: str
    detail: str = ""
    cursor: line.Cursor | None = None
    tries_left: int = 0


class Known(msgspec.Struct, frozen=True):
    """HQ knows this grant again."""

    code: str
    j: str


class Outdated(msgspec.Struct, frozen=True):
    """The protocol's number is missing, or is not one of these."""

    code: Literal["upgrade_required"]
    supported: list[str]


# What each route takes and gives, whether it asks for the token of a hello, and what it is for.
GZIP, NDJSON = "application/gzip", "application/x-ndjson"
ROUTES: dict[tuple[str, str], tuple[Any, Any, bool, str]] = {
    ("GET", "/v1/challenge"): (None, line.Challenge, False, "A number to sign, good for five minutes."),
    ("POST", "/v1/hello"): (wire._SignedHello, line.Welcome, False, "A box reports its signed head; HQ says where it stands."),  # noqa: SLF001
    ("POST", "/v1/batch"): (NDJSON, line.Receipt, True, "Entries: a signed header, then one body a line."),
    ("GET", "/v1/hashes"): (None, line.Hashes, True, "HQ's hashes at some places (`at`, numbers and commas) of a journal (`j`)."),
    ("POST", "/v1/balances"): (wire.BalancesAsked, line.Balances, True, "Sums of what HQ has and a repaired box lacks."),
    ("POST", "/v1/attestation"): (attestation.Asked, line.Attested, True, "The attestation of this till."),
    ("GET", "/v1/restore"): (None, line._Restorable, True, "The journals a box that takes a café over may have back."),  # noqa: SLF001
    ("GET", "/v1/restore/{jid}"): (None, GZIP, True, "Stored batches as they came, from entry `from` on, `most` bytes."),
    ("GET", "/v1/manifest"): (None, manifest.Signed, True, "The café's signed manifest; `have` is the serial it has."),
    ("GET", "/v1/blob/{sha256}"): (None, "application/octet-stream", True, "A list the café's manifest names, by its hash."),
    ("GET", "/v1/release/{sha256}"): (None, "application/octet-stream", True, "A part of the announced release, from byte `from` on, `most` bytes."),
    ("POST", "/v1/rotate"): (wire.SignedRotation, line.Rotated, True, "The grant of the box's next key."),
    ("POST", "/v1/enrol"): (enrolment.SignedRequest, line.Enrolled, False, "The grant of a new box, against a one-time code."),
    ("POST", "/v1/grant"): (desk.SignedGrant, Known, False, "A grant shown back to an HQ that has forgotten it."),
}  # fmt: skip
# A text that is itself a signed document.
INSIDE = {("SignedHello", "hello"): wire.Hello, ("SignedRequest", "request"): wire.EnrolRequest,
          ("SignedRotation", "request"): wire.RotateRequest, ("SignedGrant", "grant"): wire.Grant}  # fmt: skip
ASKED = {
    "/v1/hashes": (("at", True), ("j", False)), "/v1/restore/{jid}": (("from", True), ("most", False)), "/v1/manifest": (("have", False),),
    "/v1/release/{sha256}": (("from", True), ("most", False)),
}  # fmt: skip


def describe() -> dict[str, Any]:
    """Return the description."""
    shapes = [shape for take, give, *_rest in ROUTES.values() for shape in (take, give) if isinstance(shape, type)]
    _refs, told = msgspec.json.schema_components(
        [*shapes, *INSIDE.values(), wire.BatchHeader, Problem, Outdated], ref_template=REF
    )
    told = {name.lstrip("_"): schema for name, schema in told.items()}
    for (name, field), shape in INSIDE.items():
        told[name]["properties"][field] |= {
            "contentMediaType": "application/json", "contentSchema": {"$ref": REF.format(name=shape.__name__)},
        }  # fmt: skip
    paths: dict[str, Any] = {}
    for (method, path), (take, give, token, what) in sorted(ROUTES.items(), key=lambda one: one[0][::-1]):
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, take, give, token=token, what=what)
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Zinc Journal Protocol, HQ's end", "version": VERSION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(told.items())),
            "securitySchemes": {"hello": {"type": "http", "scheme": "bearer", "description": "The token of a hello, good for half an hour."}},
        },
    }  # fmt: skip
    text = msgspec.json.encode(described).decode().replace(REF.format(name="_"), REF.format(name=""))
    return msgspec.json.decode(text)  # type: ignore[no-any-return]


def _operation(method: str, path: str, take: Any, give: Any, *, token: bool, what: str) -> dict[str, Any]:
    asked = [(name, True, "path") for name in ("jid", "sha256") if f"{{{name}}}" in path]
    asked += [(name, needed, "query") for name, needed in ASKED.get(path, ())]
    made: dict[str, Any] = {
        "operationId": path.removeprefix("/v1/").replace("/{jid}", "_piece").replace("/{sha256}", ""), "summary": what,
        "parameters": [
            {"name": "Zinc-Protocol", "in": "header", "required": True, "schema": {"const": wire.PROTOCOL}},
            *({"name": name, "in": place, "required": needed, "schema": {"type": "string"}} for name, needed, place in asked),
        ],
    }  # fmt: skip
    if take is not None:
        media, shape = (
            (take, {"type": "string", "contentEncoding": "gzip"})
            if isinstance(take, str)
            else ("application/json", _ref(take))
        )
        made["requestBody"] = {"required": True, "content": {media: {"schema": shape}}}
    good = {
        "description": "Done.",
        "content": {give: {}} if isinstance(give, str) else {"application/json": {"schema": _ref(give)}},
    }
    problems = sorted({*ingest.STATUS.values(), 429, 503} - {200})
    made["responses"] = {
        "200": good, **({"202": good} if path == "/v1/batch" else {}),
        **{str(status): {"description": "Refused.", "content": {"application/json": {"schema": _ref(Problem)}}} for status in problems},
        "426": {"description": "Another protocol.", "content": {"application/json": {"schema": _ref(Outdated)}}},
    }  # fmt: skip
    if token:
        made["security"] = [{"hello": []}]
    return made


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": REF.format(name=shape.__name__)}


def main() -> int:
    """Write the description."""
    OUT.write_bytes(msgspec.json.format(msgspec.json.encode(describe()), indent=1) + b"\n")
    print(f"{len(ROUTES)} routes described in {OUT.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

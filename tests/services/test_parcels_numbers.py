"""Labels of every carrier: right and wrong check digits, scanner prefixes, codes in squares."""

import pytest

from pos.services.parcels import numbers, refs
from pos.services.parcels.numbers import INVALID, UNCHECKED, VALID


def reading_of(text: str, carrier: str) -> numbers.Reading | None:
    """The reading of a text for one carrier."""
    return next((r for r in numbers.readings(text) if r.carrier == carrier), None)


S10_VALID = (
    "RB123456785GB", "RB123456785US", "EB000717618HK", "RR473124829GB", "RB167995284IT", "LL572405406US",
    "RR000000005FR", "RR000000080FR",
)  # fmt: skip


@pytest.mark.parametrize("number", S10_VALID)
def test_a_right_s10_key_is_valid(number: str) -> None:
    """UPU S10: weights 8 6 4 2 3 5 9 7; a key of 11 is 5, of 10 is 0."""
    assert numbers.s10_is_valid(number, country_test=True)
    found = reading_of(number, "colissimo")
    assert found is not None
    assert found.check == VALID


@pytest.mark.parametrize("number", ["RB123456786US", "XY123456789FR"])
def test_a_wrong_s10_key_is_invalid(number: str) -> None:
    """The example most web pages quote has a wrong key."""
    assert not numbers.s10_is_valid(number)
    assert {r.check for r in numbers.readings(number)} == {INVALID}


def test_a_country_is_tested_only_when_asked() -> None:
    """Chronopost ends with letters that are no country, and its key is right."""
    assert numbers.s10_is_valid("RB123456785XX")
    assert not numbers.s10_is_valid("RB123456785XX", country_test=True)
    assert numbers.readings("XW250342935TS")[0] == numbers.Reading(
        "chronopost", "s10", "XW250342935TS", VALID, 97, "XW250342935TS"
    )


COLISSIMO_VALID = (
    "6A15602676300", "6A15602683841", "6M17554710224", "7Q53894000045", "9L00000000031", "9V00000000017",
    "8Q00000000024",
)  # fmt: skip


@pytest.mark.parametrize("number", COLISSIMO_VALID)
def test_a_right_colissimo_key_is_valid(number: str) -> None:
    """Two characters, ten digits, the key of an EAN over the ten."""
    found = numbers.understand(number)
    assert (found.carrier, found.check) == ("colissimo", VALID)


@pytest.mark.parametrize("number", ["6A15602676301", "6A15602667300"])
def test_a_wrong_or_transposed_colissimo_number_is_invalid(number: str) -> None:
    """Two digits exchanged are found."""
    found = reading_of(number, "colissimo")
    assert found is not None
    assert found.check == INVALID


@pytest.mark.parametrize(("key", "check"), [("2", VALID), ("3", INVALID)])
def test_the_colissimo_handling_code_has_its_own_key(key: str, check: str) -> None:
    """The same key over the fifteen digits after the first eight characters."""
    found = reading_of(f"8Q1 97120 806951 0890 00101{key}", "colissimo")
    assert found is not None
    assert (found.shape, found.check) == ("colissimo_handling", check)


DPD_ROUTING = (
    ("008182709980000020033350276", "C"), ("008182709980000020045327276", "N"), ("004782901905002679885101276", "6"),
)  # fmt: skip


@pytest.mark.parametrize(("number", "key"), DPD_ROUTING)
def test_a_dpd_routing_label_is_checked_when_its_key_is_typed(number: str, key: str) -> None:
    """ISO 7064 MOD 37,36 over 27; the bars hold no key, the print does."""
    assert numbers.mod_37_36(number) == key
    printed, bars = reading_of(number + key, "dpd"), reading_of("%" + number, "dpd")
    assert printed is not None
    assert bars is not None
    assert (printed.check, bars.check) == (VALID, UNCHECKED)
    assert printed.number == bars.number == number[7:21]


def test_a_wrong_dpd_routing_key_is_invalid() -> None:
    """C is right, A is not."""
    found = reading_of("008182709980000020033350276A", "dpd")
    assert found is not None
    assert found.check == INVALID


@pytest.mark.parametrize(
    ("number", "check"),
    [("019050023456140", VALID), ("01905002345615Y", VALID), ("019050023456410", INVALID)],
)
def test_a_dpd_parcel_number_is_checked(number: str, check: str) -> None:
    """Depot 4, serial 10, key; a transposition is found (it should be U)."""
    found = reading_of(number, "dpd")
    assert found is not None
    assert (found.check, found.number) == (check, number[:14])
    assert numbers.mod_37_36("01905002345641") == "U"


@pytest.mark.parametrize(("key", "check"), [("Y", VALID), ("Z", INVALID)])
def test_a_pickup_label_is_shaped_like_dpd(key: str, check: str) -> None:
    """Its parcel number holds letters; spaces and the % are the scanner's."""
    found = numbers.understand(f"%0093 2206 M000 0000 0031 0849 250{key}")
    assert (found.carrier, found.check, found.number) == ("pickup", check, "6M000000000310")


UPS_VALID = (
    "1Z5R89390357567127", "1Z879E930346834440", "1Z410E7W0392751591", "1Z8V92A70367203024", "1ZXX3150YW44070023",
    "1Z999AA10123456784", "K1506235620",
)  # fmt: skip


@pytest.mark.parametrize("number", UPS_VALID)
def test_a_right_ups_key_is_valid(number: str) -> None:
    """Letters count (ASCII − 63) mod 10, every second place twice."""
    found = reading_of(number, "ups")
    assert found is not None
    assert found.check == VALID


@pytest.mark.parametrize("number", ["1Z5R89390357567128", "1Z1111111111111111", "K1506235622"])
def test_a_wrong_ups_key_is_invalid(number: str) -> None:
    """The shape is right, the key is not."""
    found = reading_of(number, "ups")
    assert found is not None
    assert found.check == INVALID


def test_what_does_not_begin_with_1z_is_not_ups() -> None:
    """A misread first character makes another shape, or none."""
    assert reading_of("2Z5R89390357567127", "ups") is None


def test_a_mondial_relay_label_has_two_keys() -> None:
    """X over the first 14, Y over the last 10; the notice shows the 8 digits of the shipment."""
    assert numbers.mondial_relay_digit("12123456780101") == 0
    assert numbers.mondial_relay_digit("0662312345") == 4
    found = numbers.understand("12123456780101006623123454")
    assert (found.carrier, found.check, found.number, found.said) == ("mondial-relay", VALID, "12345678", "12345678")
    wrong = numbers.understand("12123456780101006623123455", "mondial-relay")
    assert wrong.check == INVALID


def test_the_two_parcels_of_a_shipment_are_two() -> None:
    """The label says first or second of two: two numbers in our book."""
    first, second = ("1212345678" + place for place in ("0102", "0202"))
    seen = set()
    for head in (first, second):
        tail = "0662312345"
        label = f"{head}{numbers.mondial_relay_digit(head)}{tail}{numbers.mondial_relay_digit(tail)}"
        seen.add(numbers.understand(label).number)
    assert seen == {"123456780102", "123456780202"}


def test_the_typed_number_and_the_scanned_label_are_one_parcel() -> None:
    """A torn label typed by its 8 digits is found later by a whole one, by a square, or by 12 digits."""
    typed = numbers.understand("12345678", "mondial-relay")
    assert typed.check == UNCHECKED
    for other in ("12123456780101006623123454", "123456780101", "https://r.example/c?n=12345678", "MR12345678"):
        assert numbers.understand(other, "mondial-relay").number == typed.number


@pytest.mark.parametrize(
    ("number", "check"), [("123456789011", VALID), ("001234567894", VALID), ("123456789012", INVALID)]
)
def test_gls_counts_from_the_left(number: str, check: str) -> None:
    """Weights 3 and 1 from the left, plus one."""
    found = reading_of(number, "gls")
    assert found is not None
    assert found.check == check


@pytest.mark.parametrize("number", ["TBA000000000000", "TBA010000000000", "TBM502887274000"])
def test_an_amazon_number_is_known_by_its_letters(number: str) -> None:
    """TBA, TBC or TBM and twelve digits; it has no key."""
    assert numbers.understand(number).carrier == "amazon"


@pytest.mark.parametrize("number", ["TBA50288727400A", "TBB000000000000"])
def test_what_only_resembles_amazon_is_not(number: str) -> None:
    """A letter among the digits, or another third letter."""
    assert reading_of(number, "amazon") is None


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1901102048WNGC6", "relais-colis"), ("1901102048", "relais-colis"), ("12345678901234567", "vinted-go"),
        ("12345678", "mondial-relay"), ("1234567890", "mondial-relay"), ("123456789012", "mondial-relay"),
    ],
)  # fmt: skip
def test_some_carriers_have_no_key_we_know(number: str, carrier: str) -> None:
    """They are taken by their shape, and said so."""
    found = reading_of(number, carrier)
    assert found is not None
    assert found.check == UNCHECKED


def test_what_is_too_short_is_no_label() -> None:
    """Five digits are nobody's; the number is kept as it is, marked invalid."""
    assert numbers.readings("12345") == []
    assert numbers.understand("12345", "gls") == numbers.Reading("gls", "unknown", "12345", INVALID, 0, "12345")


@pytest.mark.parametrize(
    "scanned",
    [
        "]C16A15602676300",
        "6A 1560 2676 300",
        "6a15602676300\r",
        "\x1d6A15602676300",
        " ]C0 6A15602676300 ",
        "6A-15602676300",
    ],
)
def test_what_scanners_add_is_taken_off(scanned: str) -> None:
    """AIM prefix, FNC1, spaces, small letters, carriage return."""
    assert numbers.understand(scanned) == numbers.understand("6A15602676300")


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("https://www.example.fr/suivi?numeroExpedition=29410386&lang=fr", "29410386"),
        ('{"v":2,"shop":"017","parcel":"29410386"}', "29410386"),
        ("https://suivi.example/?code=6A15602676300", "6A15602676300"),
    ],
)
def test_a_square_code_holds_a_number_in_a_sentence(content: str, number: str) -> None:
    """A right check digit anywhere in it wins; otherwise the last long run of digits."""
    assert number in {r.number for r in numbers.readings(content)}


def test_the_driver_who_is_here_weighs_more_than_the_shape() -> None:
    """Twelve digits are GLS's or Mondial Relay's: the chosen carrier decides, nothing is refused."""
    assert numbers.understand("123456789011").carrier == "gls"
    assert numbers.understand("123456789011", "mondial-relay").carrier == "mondial-relay"
    assert numbers.understand("6A15602676300", "pickup").check == VALID


def test_the_likeliest_comes_first() -> None:
    """Readings are sorted by confidence, between 0 and 100."""
    for text in (*S10_VALID, *UPS_VALID, "123456789012", "12123456780101006623123454"):
        sure = [r.confidence for r in numbers.readings(text)]
        assert sure == sorted(sure, reverse=True)
        assert all(0 < one <= 100 for one in sure)


def test_a_pseudonym_needs_the_cafes_key() -> None:
    """The vector of the protocol: HMAC-SHA256 over domain, carrier and number, 16 bytes."""
    key = bytes(range(32))
    assert refs.ref_of(key, "mondial-relay", "12345678901234") == "63e34a52ee309bcfd8245d24bf44de38"
    assert refs.ref_of(bytes(32), "mondial-relay", "12345678901234") != "63e34a52ee309bcfd8245d24bf44de38"

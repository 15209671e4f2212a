"""The relay at the counter, tap by tap: what each screen answers, and how many taps it takes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.services.parcels import desk, numbers, reading
from pos.till import uses
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

MR = "mondial-relay"
DAY = "2026-11-20"


def label(n: int) -> str:
    """A Mondial Relay label with both keys right."""
    head, tail = f"12{n:08d}0101", "0662312345"
    return f"{head}{numbers.mondial_relay_digit(head)}{tail}{numbers.mondial_relay_digit(tail)}"


@pytest.fixture
def kiosk(tmp_path: Path, clock: StoppedClock) -> Iterator[Kiosk]:
    """A café open on Friday 20 November 2026, with nothing on its shelves."""
    kiosk = cafe.open_cafe(tmp_path, clock)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def screen(kiosk: Kiosk) -> Counter:
    """The manager's screen, with Mondial Relay and Pickup chosen."""
    for carrier in (MR, "pickup"):
        desk.set_carrier(kiosk.store, by="g1", carrier=carrier, pay_handed=35, pay_dropped=20)
    screen = Counter(create_app(kiosk).test_client())
    screen.sign_in()
    return screen


def take_in(kiosk: Kiosk, n: int, **more: str) -> str:
    """Take a parcel in beforehand."""
    return desk.receive(kiosk.store, by="g1", code=label(n), **{"carrier": MR, "place": "B3", **more}).parcel  # type: ignore[arg-type]


def state(kiosk: Kiosk, parcel: str) -> str:
    """Where a parcel stands."""
    with kiosk.store.reading() as conn:
        found = reading.parcel(conn, parcel)
    assert found is not None
    return found.state


def vals(text: str, url: str) -> dict[str, str]:
    """What a key would post, as drawn."""
    import json

    found = re.search(rf"hx-post=\"{re.escape(url)}\"[^>]*hx-vals='([^']*)'", text)
    assert found, url
    told: dict[str, str] = json.loads(found[1])
    return told


def test_a_cafe_without_carriers_chooses_them_first(kiosk: Kiosk) -> None:
    """The first visit leads to the list of carriers; one tap and a carrier is chosen."""
    screen = Counter(create_app(kiosk).test_client())
    screen.sign_in()
    assert screen.client.get("/parcels/").headers["Location"] == "/parcels/carriers"
    drawn = screen.page("/parcels/carriers")
    assert "Transporteurs" in drawn
    screen.tap(f"/parcels/carriers/{MR}", in_use="1", hold_days="5", mode="calendar", pay_handed="0,35", pay_dropped="")
    assert "Étagère" in screen.page("/parcels/") or "libre" in screen.page("/parcels/")
    with kiosk.store.reading() as conn:
        agreed, own = reading.terms_on(conn, MR, DAY), reading.agreed_on(conn, MR, DAY)
    assert (agreed.hold_days, agreed.pay_handed, agreed.pay_dropped) == (5, 35, -1)
    assert own is not None
    assert own.hold_days == 0, "the published number of days goes on following the carrier"


def test_handing_over_with_its_code_is_one_scan_and_one_tap(kiosk: Kiosk, screen: Counter) -> None:
    """The scan shows the parcel with the proof already chosen; one tap hands it over, a second changes nothing."""
    parcel = take_in(kiosk, 29410386, name="Mme Le Goff")
    drawn = screen.tap("/parcels/scan", code=label(29410386)).text
    assert all(word in drawn for word in ("Mme Le Goff", "B3", "0386", "Remettre le colis"))
    assert re.search(r'value="code" checked', drawn)
    url = f"/parcels/{parcel}/hand-over"
    told = vals(drawn, url)
    answer = screen.tap(url, proof="code", **told)
    assert answer.status_code == 200
    assert "Annuler la remise" in answer.text
    assert 'id="side"' in answer.text
    again = screen.tap(url, proof="code", **told)
    assert again.status_code == 200
    assert state(kiosk, parcel) == "handed"
    with kiosk.store.reading() as conn:
        assert uses.of_day(conn, DAY)["parcel"] == 1


def test_a_scan_anywhere_leads_to_the_parcel(kiosk: Kiosk, screen: Counter) -> None:
    """On the counter too: the label opens the parcel's page."""
    parcel = take_in(kiosk, 1)
    screen.page("/")
    answer = screen.tap("/scan", code=label(1))
    where = answer.headers.get("HX-Redirect") or answer.text
    assert f"/parcels/{parcel}" in where


def test_finding_by_name_or_by_last_characters(kiosk: Kiosk, screen: Counter) -> None:
    """Four keys, then the list; a letter alone shows the shelves again; nothing found says what to ask."""
    take_in(kiosk, 29410386, name="Mme Le Goff")
    for typed in ("goff", "0386", "b3"):
        assert "Mme Le Goff" in screen.page(f"/parcels/find?q={typed}")
    assert "rack" in screen.page("/parcels/find?q=l")
    assert "quatre derniers" in screen.page("/parcels/find?q=zzzz")
    assert screen.tap("/parcels/scan", code=label(7)).status_code == 422


def test_the_same_customer_as_the_open_bill(kiosk: Kiosk, screen: Counter) -> None:
    """With a bill open, the key says so and the parcel bears the bill's visit; another key says no."""
    parcel, other = take_in(kiosk, 1), take_in(kiosk, 2)
    screen.page("/")
    product = re.search(r'data-product="(\w+)"', screen.page("/"))
    assert product
    screen.tap(f"/bill/add/{product[1]}")
    drawn = screen.page(f"/parcels/{parcel}")
    assert "même client que la note" in drawn
    told = vals(drawn, f"/parcels/{parcel}/hand-over")
    screen.tap(f"/parcels/{parcel}/hand-over", proof="code", **told)
    screen.tap(f"/parcels/{other}/hand-over", proof="code")
    with kiosk.store.reading() as conn:
        first, second = reading.parcel(conn, parcel), reading.parcel(conn, other)
    assert first is not None
    assert second is not None
    assert first.visit == told["visit"] == screen.tab
    assert second.visit not in ("", first.visit)


def test_a_bill_opened_for_the_person_who_took_a_parcel_joins_its_visit(kiosk: Kiosk, screen: Counter) -> None:
    """Three parcels, then a baguette: the bill opened from the parcel is the same visit."""
    parcel = take_in(kiosk, 1)
    screen.tap(f"/parcels/{parcel}/hand-over", proof="code")
    with kiosk.store.reading() as conn:
        found = reading.parcel(conn, parcel)
    assert found is not None
    assert screen.tap(f"/parcels/{parcel}/bill").headers["HX-Redirect"] == "/"
    screen.page("/")
    assert screen.tab == found.visit
    waiting = take_in(kiosk, 2)
    assert screen.tap(f"/parcels/{waiting}/bill").status_code == 422


def test_others_of_the_same_name_leave_together(kiosk: Kiosk, screen: Counter) -> None:
    """The other parcels of the name are offered; ticked, they leave in the same visit."""
    one, two = take_in(kiosk, 1, name="Mme Petit"), take_in(kiosk, 2, name="Mme Petit", place="D4")
    drawn = screen.page(f"/parcels/{one}")
    assert "D4" in drawn
    screen.tap(f"/parcels/{one}/hand-over", proof="code", also=two)
    assert (state(kiosk, one), state(kiosk, two)) == ("handed", "handed")
    with kiosk.store.reading() as conn:
        assert uses.of_day(conn, DAY)["parcel"] == 1


def test_more_others_than_there_is_room_for_are_said(kiosk: Kiosk, screen: Counter) -> None:
    """Four others are offered; a fifth is not left on its shelf for want of a word."""
    first, *others = [take_in(kiosk, n, name="Mme Petit") for n in range(1, 7)]
    drawn = screen.page(f"/parcels/{first}")
    assert sum(f'value="{one}"' in drawn for one in others) == 4
    assert "et 1 autre : cherchez-le" in drawn.replace("\u00a0", " ")


def test_every_state_of_a_parcel_is_drawn(kiosk: Kiosk, screen: Counter) -> None:
    """Missing, found, refused, moved, renamed, asked back, lost, undone: each answers with the parcel."""
    one, two, three = (take_in(kiosk, n) for n in (1, 2, 3))
    assert "Retrouvé" in screen.tap(f"/parcels/{one}/mark/missing").text
    assert "Introuvable" in screen.tap(f"/parcels/{one}/mark/found").text
    assert "Pourquoi" in screen.page(f"/parcels/{one}/refusing")
    assert "Rendu au livreur" in screen.tap(f"/parcels/{one}/refuse/opened").text
    assert "Déplacer" in screen.page(f"/parcels/{two}/changing")
    assert "C2" in screen.tap(f"/parcels/{two}/place", place="c2").text
    assert "Mme O&#39;Brien &lt;b&gt;" in screen.tap(f"/parcels/{two}/name", name="Mme O'Brien <b>").text
    assert screen.tap(f"/parcels/{two}/place", place="<b>").status_code == 422
    assert "Rendu" in screen.tap(f"/parcels/{two}/mark/recalled").text
    screen.tap(f"/parcels/{three}/mark/missing")
    assert "Perdu" in screen.tap(f"/parcels/{three}/mark/lost").text
    four = take_in(kiosk, 4)
    screen.tap(f"/parcels/{four}/hand-over", proof="code")
    assert "hand-over" in screen.tap(f"/parcels/{four}/undo").text
    assert screen.tap(f"/parcels/{four}/mark/eaten").status_code == 404
    assert screen.client.get("/parcels/nobody").status_code == 404
    assert "B3" in screen.page(f"/parcels/{four}/picture")
    assert "B3" in screen.page("/parcels/shelf/B")
    assert "rack" in screen.page("/parcels/shelves")


def test_a_delivery_is_one_scan_and_one_tap_a_parcel(kiosk: Kiosk, screen: Counter, clock: StoppedClock) -> None:
    """Announced 4: two read on shelf B, one misread then taken, one crushed; the difference is asked once."""
    screen.page("/parcels/driver")
    assert screen.tap(f"/parcels/driver/{MR}/open", announced="5").headers["HX-Redirect"] == "/parcels/intake"
    assert "Lisez la première" in screen.page("/parcels/intake")
    drawn = screen.tap("/parcels/intake/read", code=label(1)).text
    place = re.search(r'hx-post="(/parcels/intake/place/\w+)"', drawn)
    assert place
    assert "Les suivants vont aussi en B" in screen.tap(place[1], place="B").text
    clock.tick(3000)
    assert 'value="B"' in screen.tap("/parcels/intake/read", code=label(2), shelf="B").text
    assert "Lue deux fois" in screen.tap("/parcels/intake/read", code=label(2), shelf="B").text
    wrong = label(3)[:-1] + str((int(label(3)[-1]) + 1) % 10)
    asked = screen.tap("/parcels/intake/read", code=wrong, shelf="B").text
    assert "Relisez" in asked
    assert f'name="asked" value="{wrong}"' in asked
    assert "clé de contrôle fausse" in screen.tap("/parcels/intake/read", code=wrong, shelf="B", asked=wrong).text
    clock.tick(20_000)
    assert "autre colis" in screen.tap("/parcels/intake/read", code=label(1), shelf="B").text
    screen.tap("/parcels/intake/read", code=label(1), shelf="C", twin="1")
    assert "Pourquoi" in screen.page("/parcels/intake/refuse?shelf=B")
    screen.tap("/parcels/intake/refuse/damaged")
    assert "Numéro" in screen.page("/parcels/intake/unlabelled")
    assert "Clore" not in screen.page("/parcels/intake")
    with kiosk.store.reading() as conn:
        (delivery,) = reading.open_deliveries(conn)
        assert [p.place for p in reading.of_delivery(conn, delivery.delivery_id) if p.place] == ["C", "B", "B", "B"]
    assert screen.tap("/parcels/intake/close").headers["HX-Redirect"] == "/parcels/driver"
    assert screen.client.get("/parcels/intake").headers["Location"] == "/parcels/driver"


def test_a_delivery_with_a_difference_is_asked_once(kiosk: Kiosk, screen: Counter) -> None:
    """Announced 2, read 1 by its name: said, then closed as it is."""
    screen.tap(f"/parcels/driver/{MR}/open", announced="2")
    taken = screen.tap("/parcels/intake/read", code="", name="Atelier Roux").text
    name = re.search(r'hx-post="(/parcels/intake/name/\w+)"', taken)
    assert name
    assert "Atelier Leroux" in screen.tap(name[1], name="Atelier Leroux").text
    assert "Clore avec" in screen.tap("/parcels/intake/close").text
    assert screen.tap("/parcels/intake/close", differs="1").headers["HX-Redirect"] == "/parcels/driver"
    assert screen.tap(f"/parcels/driver/{MR}/open", announced="a lot").status_code == 422


def test_the_driver_leaves_with_the_list_he_signs(kiosk: Kiosk, screen: Counter, clock: StoppedClock) -> None:
    """Overdue and senders' parcels are ticked; one tap, and the list is printed without anybody's name."""
    old = take_in(kiosk, 97531864, name="Mme Canari")
    clock.set("2026-11-26T09:00:00+01:00")
    screen.sign_in()
    sent = screen.tap("/parcels/drop/read", code=label(86420001), carrier=MR).text
    assert "Preuve de dépôt" in sent
    found = re.search(r"/parcels/(\w+)/deposit-slip", sent)
    assert found
    screen.tap(f"/parcels/{found[1]}/deposit-slip")
    drawn = screen.page(f"/parcels/driver?carrier={MR}")
    assert "Mme Canari" in drawn
    assert drawn.count("checked") == 2
    screen.tap(f"/parcels/driver/{MR}/leave", returned=old, given=found[1])
    assert (state(kiosk, old), state(kiosk, found[1])) == ("returned", "given")
    paper = kiosk.devices.simulated_printer
    assert paper is not None
    with kiosk.store.reading() as conn:
        slips = [bytes(row[0]) for row in conn.execute("SELECT bytes FROM draft_print ORDER BY job_id")]
    assert len(slips) == 2
    assert b"1864" in slips[1]
    assert b"Canari" not in slips[1]
    assert screen.tap(f"/parcels/driver/{MR}/leave").status_code == 422


def test_a_sender_without_a_right_label(kiosk: Kiosk, screen: Counter) -> None:
    """A misread label is asked once, then taken; a refusal is noted; a place is given."""
    screen.page("/parcels/drop")
    wrong = label(3)[:-1] + str((int(label(3)[-1]) + 1) % 10)
    asked = screen.tap("/parcels/drop/read", code=wrong, carrier=MR).text
    assert "Relisez" in asked
    taken = screen.tap("/parcels/drop/read", typed=wrong, asked=wrong, carrier=MR).text
    place = re.search(r"/parcels/drop/place/\w+", taken)
    assert place
    assert 'letter here"' in screen.tap(place[0], place="F", carrier=MR).text
    assert screen.tap("/parcels/drop/refuse/no_label", carrier=MR).status_code == 200
    assert screen.tap("/parcels/drop/read", code="", carrier=MR).status_code == 422


def test_totals_are_typed_on_one_screen(kiosk: Kiosk, screen: Counter) -> None:
    """Five numbers, one tap; typed again, the form shows them; letters are refused."""
    screen.page("/parcels/count")
    screen.tap("/parcels/count", carrier=MR, arrived="14", handed="11", dropped="2")
    assert 'value="14"' in screen.page(f"/parcels/count?carrier={MR}")
    assert screen.tap("/parcels/count", carrier=MR, arrived="many").status_code == 422
    with kiosk.store.reading() as conn:
        assert uses.of_day(conn, DAY)["parcel"] == 13


def test_the_month_says_what_should_be_paid(kiosk: Kiosk, screen: Counter) -> None:
    """Acts and expected pay per carrier, month after month."""
    parcel = take_in(kiosk, 1)
    screen.tap(f"/parcels/{parcel}/hand-over", proof="code")
    drawn = screen.page("/parcels/month/2026-11")
    assert "0,35" in drawn
    assert "novembre 2026" in drawn
    assert "Aucun colis" in screen.page("/parcels/month/2026-10")
    assert screen.client.get("/parcels/month/never").status_code == 404


def test_pickup_says_its_rule_and_refuses_a_code_for_somebody_else(kiosk: Kiosk, screen: Counter) -> None:
    """The rule is on the screen before it is needed; a forged key is refused with its remedy."""
    parcel = take_in(kiosk, 0, carrier="pickup")
    assert "pas de procuration" in screen.page(f"/parcels/{parcel}")
    answer = screen.tap(f"/parcels/{parcel}/hand-over", proof="code+")
    assert answer.status_code == 422
    assert "pièces d’identité originales des deux" in answer.text
    assert screen.tap(f"/parcels/{parcel}/hand-over", proof="id_recipient_and_third+").status_code == 200

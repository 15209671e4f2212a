"""Made-up days of the services for people who come back: members, accounts, bikes, meals carried home, a tour.

Names are made up; what the services remember lives in `Village.kept`.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from kiosk.demo_village import BY, NAMES, Village
from pos.errors import Refusal
from pos.services.accounts import desk as accounts
from pos.services.accounts import reading as account_pictures
from pos.services.bikes import fleet, hiring, returning
from pos.services.bikes import reading as bikes
from pos.services.meals import funding, orders, people, rounds
from pos.services.meals import reading as meals
from pos.services.members import desk as members
from pos.services.members import rules, volunteers
from pos.services.tour import cups
from pos.services.tour import desk as tour
from pos.till import tables
from pos.till.sell import SoldLine, TakenPayment, add_product, sell
from pos.till.tab import CASH

FIRST_NAMES = ("Alix", "Blaise", "Cléa", "Denis", "Elsa", "Fabien", "Gisèle", "Hervé", "Inès", "Jules", "Katia", "Loup")


def made_up_names(n: int) -> list[str]:
    """Return so many made-up names."""
    return [f"{FIRST_NAMES[i % len(FIRST_NAMES)]} {NAMES[i % len(NAMES)].split()[1]} {i + 1}" for i in range(n)]


# ── members ──────────────────────────────────────────────────────────────────────────────────


def begin_members(v: Village) -> None:
    """Take the association's list over, dues paid at moments of the year; whom the café serves is its model's affair."""
    members.set_association(v.store, label="Adhésion annuelle", dues=1000, by=BY)
    access = "members_only" if v.kept.get("members_only") else "members_price"
    members.set_rules(
        v.store, access=access, member_discount_bp=0 if access == "members_only" else 500, minutes_per_month=120, by=BY
    )
    if access == "members_only":
        _group_drinks(v)
    v.kept["members"] = []
    for name in made_up_names(round(36 * v.busy)):
        until = v.day + timedelta(days=v.dice.randint(20, 360))
        entered = members.enter_member(v.store, name=name, until=until.isoformat(), by=BY)
        members.issue_card(v.store, entered.member, by=BY)
        v.kept["members"].append(entered.member)


def _group_drinks(v: Village) -> None:
    """Say that beer, wine and cider are of the third group: what a circle may serve; spirits stay without."""
    with v.store.reading() as conn:
        drinks = [
            row["product"]
            for row in tables.products(conn)
            if row["vat_class"] == "alcohol" and not row["product"].startswith("pastis")
        ]
    for drink in drinks:
        members.set_drink_group(v.store, drink, 3, by=BY)


def somebody(v: Village) -> str:
    """Return a member who may be served; who no longer may renews first."""
    member = str(v.dice.choice(v.kept["members"]))
    today = v.day.isoformat()
    with v.store.reading() as conn:
        served = rules.is_served(conn, member, today, rules.in_force(conn, today))
    if not served:
        v.pay(members.renew(v.store, "", member, by=BY).tab_id)
    return member


def members_day(v: Village) -> None:
    """Somebody joins with a coffee, somebody renews, hours are given; in a members' café some are not served."""
    for _newcomer in range(v.often(0.12)):
        v.minutes()
        joined = members.join(v.store, "", name=made_up_names(200)[-v.dice.randint(1, 150)], by=BY)
        if joined.tab:
            add_product(v.store, joined.tab.tab_id, "cafe", by=BY)
            v.pay(joined.tab.tab_id)
        v.kept["members"].append(joined.member)
    for member in v.dice.sample(v.kept["members"], min(len(v.kept["members"]), v.often(0.15))):
        v.minutes()
        tab = members.renew(v.store, "", member, by=BY)
        v.pay(tab.tab_id)
    for member in v.dice.sample(v.kept["members"], min(len(v.kept["members"]), v.often(0.6))):
        volunteers.credit_hours(
            v.store,
            member,
            minutes=v.dice.choice((60, 90, 120, 180)),
            task=v.dice.choice(("bar", "cleaning", "event")),
            by=BY,
        )
    for _passer in range(v.often(0.2) if v.kept.get("members_only") else 0):
        members.note_refusal(v.store, by=BY)


# ── accounts ─────────────────────────────────────────────────────────────────────────────────


def begin_accounts(v: Village) -> None:
    """Open the accounts of some regulars."""
    v.kept["accounts"] = [
        accounts.open_account(v.store, name=name, slate=True, by=BY).person
        for name in made_up_names(max(6, round(12 * v.busy)))
    ]


def accounts_day(v: Village) -> None:
    """Money paid ahead and spent, slates charged and paid back, a coffee for somebody unknown."""
    for person in v.dice.sample(v.kept["accounts"], min(len(v.kept["accounts"]), v.often(0.4))):
        v.minutes()
        tab = accounts.top_up(v.store, "", person, v.dice.choice((1000, 2000, 3000)), by=BY)
        _pay_as(v, tab.tab_id)
    for person in v.dice.sample(v.kept["accounts"], min(len(v.kept["accounts"]), v.often(1.6))):
        v.minutes()
        _on_account(v, person, v.dice.choice(("prepaid", "prepaid", "slate")))
    for _gift in range(v.often(0.25)):
        v.minutes()
        _pay_as(v, accounts.give_coffees(v.store, "", by=BY).tab_id)
    for _guest in range(v.often(0.2)):
        _on_account(v, "", "suspended")
    if v.day.weekday() == 4:
        _slates_paid(v)


def _pay_as(v: Village, tab_id: str) -> None:
    """Pay a bill; where only members are served it is one's."""
    if v.kept.get("members_only"):
        members.put_on_bill(v.store, tab_id, somebody(v), by=BY)
    v.pay(tab_id)


def _on_account(v: Village, person: str, means: str) -> None:
    """Sell a coffee on an account; one that cannot bear it pays in cash."""
    member = somebody(v) if v.kept.get("members_only") else ""
    for paid_by in (means, CASH):
        with suppress(Refusal):
            sell(
                v.store,
                lines=[SoldLine(product="cafe")],
                payments=[TakenPayment(means=paid_by, ref=person if paid_by == means else "")],
                member=member,
                by=BY,
            )
            return


def _slates_paid(v: Village) -> None:
    with v.store.reading() as conn:
        owed = [one for one in account_pictures.accounts(conn, v.day.isoformat()) if one.slate > 300]
    for one in owed:
        if v.dice.random() < 0.6:
            _pay_as(v, accounts.pay_back(v.store, "", one.person, one.slate, by=BY).tab_id)


# ── bikes ────────────────────────────────────────────────────────────────────────────────────


def begin_bikes(v: Village) -> None:
    """Put bikes on the rack, with prices."""
    for rule, price in (("half_day", 600), ("day", 1000)):
        fleet.set_price(v.store, rule, price=price, by=BY)
    for number in range(1, 7):
        fleet.list_bike(v.store, number=number, deposit=10_000, by=BY)


def bikes_day(v: Village) -> None:
    """Bikes of yesterday come back, others leave; a passing cyclist pumps up."""
    with v.store.reading() as conn:
        out = bikes.out(conn)
    for row in out:
        back = returning.take_back(v.store, row["rental"], by=BY)
        if back.tab:
            v.pay(back.tab)
            with suppress(Refusal):
                returning.release(v.store, row["rental"], by=BY)
    with v.store.reading() as conn:
        free = [row["bike"] for row in bikes.fleet(conn) if row["state"] == "available"]
    for bike in v.dice.sample(free, min(len(free), v.often(0.3 if v.day.month in range(4, 11) else 0.05))):
        v.minutes()
        hired = hiring.hire(
            v.store, bikes=[bike], rule="day", deposit=v.dice.choice(("cheque", "cheque", "cash")), by=BY
        )
        v.pay(hired.tab)
    for _cyclist in range(v.often(0.3)):
        fleet.welcome(v.store, v.dice.choice(("pump", "tools", "water")), by=BY)


# ── meals ────────────────────────────────────────────────────────────────────────────────────

CARRIED = 6


def begin_meals(v: Village) -> None:
    """Agree prices and a partner; enter who has meals, some paid by the partner."""
    funding.set_terms(v.store, meal_price=980, delivery_price=150, by=BY)
    funding.set_funder(v.store, funder="exemple", label="Partenaire Exemple", quota=10, price=900, by=BY)
    for place, name in enumerate(made_up_names(max(3, round(CARRIED * v.busy)))):
        entered = people.enter(v.store, name=name, consent=True, origin="ccas", address="1 rue de l’Exemple", by=BY)
        funder = "exemple" if place == 0 else ""
        people.subscribe(
            v.store,
            entered.beneficiary,
            weekdays=[1, 3] if funder else [1, 2, 3, 4],
            place="home",
            funder=funder,
            by=BY,
        )


def meals_day(v: Village) -> None:
    """Cook, measure, carry, door after door; who pays does so on Friday, the partner when its month is over."""
    with suppress(Refusal):  # nobody has a meal today
        orders.prepare(v.store, by=BY)
        _carry(v)
    if v.day.weekday() == 4:
        with v.store.reading() as conn:
            debtors = list(meals.debtors(conn, v.day.isoformat()))
        for beneficiary in debtors:
            v.pay(funding.bill(v.store, beneficiary, by=BY).tab_id)
    last_month = (v.day.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    if v.day.day <= 5 and v.kept.get("claimed") != last_month:
        v.kept["claimed"] = last_month
        with suppress(Refusal):
            claimed = funding.claim_month(v.store, funder="exemple", month=last_month, by=BY)
            funding.receive_payment(v.store, funder="exemple", amount=claimed.amount, by=BY)


def _carry(v: Village) -> None:
    left = rounds.leave(v.store, temperature=v.dice.randint(660, 720), by=BY)
    for meal in left.meals:
        v.minutes(8)
        rounds.deliver(v.store, meal, by=BY)
    v.minutes()
    rounds.close_round(v.store, left.round, metres=v.dice.randrange(4000, 9000, 100), by=BY)


# ── tour ─────────────────────────────────────────────────────────────────────────────────────

# Neighbouring communes: code and name.
STOPS = (("53195", "Sacé"), ("53140", "Martigné-sur-Mayenne"), ("53086", "Commer"), ("53007", "Argentré"))


def begin_tour(v: Village) -> None:
    """Begin a tour; other days the café stands where it is."""
    tour.set_up(v.store, itinerant=bool(v.kept.get("itinerant")), cup_price=100, by=BY)
    v.kept["tour"] = tour.plan_tour(v.store, "Tournée Démo", by=BY).tour


def tour_day(v: Village, evenings: Sequence[int] = (4,)) -> None:
    """Some evenings stop in a village: people counted, cups lent and brought back; reported once the Z is made."""
    report_stops(v)
    if v.day.weekday() not in evenings:
        return
    code, town = STOPS[v.day.toordinal() // 7 % len(STOPS)]
    planned = tour.plan_stop(
        v.store,
        on_day=v.day.isoformat(),
        commune=code,
        town=town,
        place="Place de l’Église",
        tour=v.kept["tour"],
        by=BY,
    )
    tour.note_authorisation(v.store, planned.stop, f"2026-{v.number(3)}", by=BY)
    tour.open_stop(v.store, planned.stop, by=BY)
    tour.count_total(v.store, planned.stop, v.dice.randint(18, 70), by=BY)
    for _guest in range(v.often(6)):
        v.minutes(3)
        v.buy(SoldLine(product="cafe"))
    cups.lend_cups(v.store, n=10, by=BY)
    cups.take_back_cups(v.store, n=v.dice.randint(7, 10), by=BY)
    tour.close_stop(v.store, planned.stop, by=BY)
    v.kept["to_report"] = planned.stop


def report_stops(v: Village) -> None:
    """Report the stop before, now that its Z is made."""
    stop = v.kept.pop("to_report", "")
    if stop:
        with suppress(Refusal):
            tour.report_stop(v.store, stop, by=BY)

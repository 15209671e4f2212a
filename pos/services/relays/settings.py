"""What the café takes in, for whom: a relay chosen or changed, and its provider settled with."""

import re

from pos.clock import parse_day
from pos.i18n import _
from pos.money import format_euros
from pos.services.relays import events, kinds, names
from pos.services.relays import refusals as no
from pos.services.relays.kinds import Relay
from pos.store import Store, Writing
from pos.till import catalogue, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.cash import third_party_move
from pos.till.events import CommissionKept, ProductListed

CATEGORY = "relays"
MEANS = ("cash", "transfer", "cheque")
SETTLEMENT = "settlement"
_CODE = re.compile(r"[a-z0-9_]{2,16}")


def set_relay(
    store: Store, relay: str, *, sort: str, label: str, commission_bp: int = 0, hold_days: int = 0, in_use: bool = True,
    provider: str = "", phone: str = "", valid_from: str = "", by: str, attempt: str = "",
) -> events.RelaySet:  # fmt: skip
    """Take things in for a provider, from a day on; its product goes on the menu, its name stays on this box.

    `hold_days` 0 keeps the usual time of the sort. Raises ManagerNeeded, NotARelayRow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if till.role_of(tx.conn, by) != "manager":
            raise till_no.ManagerNeeded
        label = " ".join(label.split())[:30]
        known = kinds.SORTS.get(sort)
        event = events.RelaySet(
            relay=relay, sort=sort, label=label, commission_bp=commission_bp, valid_from=_day(valid_from or tx.today),
            hold_days=hold_days or (known.hold_days if known else 0), in_use=in_use,
        )  # fmt: skip
        _check(tx, event)
        tx.record(event)
        if provider.strip():
            names.keep_provider(tx, relay, name=provider, phone=phone)
        if in_use:
            _on_menu(tx, Relay(relay, event.valid_from, sort, label, commission_bp, event.hold_days, in_use))
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.NotARelayRow(field=_("From")) from None


def _check(tx: Writing, event: events.RelaySet) -> None:
    before = kinds.one(tx.conn, event.relay, "9999-12-31")
    fits = {
        _("its code"): bool(_CODE.fullmatch(event.relay)),
        _("its sort"): event.sort in kinds.SORTS and (before is None or before.sort == event.sort),
        _("its name"): bool(event.label),
        _("commission"): 0 <= event.commission_bp <= kinds.SHARE_MAX,
        _("days kept"): 1 <= event.hold_days <= kinds.HOLD_MAX,
    }
    for field, good in fits.items():
        if not good:
            raise no.NotARelayRow(field=field)


def _on_menu(tx: Writing, relay: Relay) -> None:
    """List the product that stands for the provider's money; its row of tiles is not drawn: it is sold from here."""
    old = till.product(tx.conn, relay.product)
    if old is not None and not old["retired"] and old["label"] == relay.label:
        return
    catalogue.put_on_menu(tx, ProductListed(
        product=relay.product, label=relay.label, category=CATEGORY, price=0, vat_class="", open_price=True, takeaway=True,
        role="agent_disclosed", owner=relay.owner, service=relay.service, nature="third_party", icon=relay.form.icon,
    ))  # fmt: skip


def in_use(tx: Writing, relay: str) -> Relay:
    """Return a relay in use today; raise NoSuchRelay."""
    found = kinds.one(tx.conn, relay, tx.today)
    if found is None or not found.in_use:
        raise no.NoSuchRelay
    return found


def half_up(amount: int, bp: int) -> int:
    """Return `amount` × basis points, half up to the cent."""
    return (2 * amount * bp + 10_000) // 20_000


def settle_provider(
    store: Store, relay: str, *, means: str = "cash", ref: str = "", by: str, attempt: str = ""
) -> events.ProviderPaid:
    """Hand a provider what customers paid for its work, less the café's agreed share.

    Raises NothingOwedThere, NoSuchRelay, DrawerTooLow, DayNotOpen.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = kinds.one(tx.conn, relay, tx.today)
        if found is None:
            raise no.NoSuchRelay
        collected = till.third_parties(tx.conn).get(found.owner, 0)
        if collected <= 0 or means not in MEANS:
            raise no.NothingOwedThere(label=found.label, amount=format_euros(collected))
        share = half_up(collected, found.commission_bp)
        day = sell.require_day(tx)
        if share:
            tx.record(CommissionKept(owner=found.owner, amount=share, day=day, ref=relay))
        if collected > share:
            third_party_move(tx, found.owner, share - collected, reason=SETTLEMENT, means=means, ref=ref.strip())
        event = events.ProviderPaid(
            relay=relay,
            day=tx.today,
            collected=collected,
            commission=share,
            paid=collected - share,
            means=means,
            ref=ref.strip()[:24],
        )
        tx.record(event)
        return event

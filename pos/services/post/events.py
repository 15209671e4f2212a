"""Facts of the postal relay. No name, no full tracking number, no identity document: only opaque ids.

Stamps and letters are sold by ordinary tickets (`SaleLine.service` is `post_stamp` or `post`), notices
wait in the shelf engine, money moves by `ThirdPartyMoved`: what is here is what those do not say.
"""

from pos.events import Event


class TermsSet(Event, frozen=True, kw_only=True):
    """What is agreed with La Poste from a day on: relay or municipal agency, limits, pay.

    `weekly_limit` 0 follows what La Poste publishes; pay is before VAT, billed apart.
    """

    kind = "post.terms_set"
    valid_from: str
    mode: str
    weekly_limit: int
    reserve: int
    hold_days: int
    monthly_pay: int
    commission_bp: int
    in_use: bool = True


class PriceSet(Event, frozen=True, kw_only=True):
    """A price of La Poste's list, from a day on; `goods` are kept in stock, the others are made at the counter."""

    kind = "post.price_set"
    product: str
    label: str
    price: int
    valid_from: str
    goods: bool


class MailTaken(Event, frozen=True, kw_only=True):
    """A sender's letter or parcel was taken in for La Poste; the number itself stays in the café.

    `due` is what the sender pays for it on a bill, in cents; `pieces` counts ordinary letters.
    """

    kind = "post.mail_taken"
    item: str
    sort: str
    check: str
    shape: str
    tail: str
    day: str
    visit: str
    due: int = 0
    # What its postage is on a bill; empty when it came franked.
    product: str = ""
    pieces: int = 1
    visit_by: str = ""


class MailGivenBack(Event, frozen=True, kw_only=True):
    """A sender took mail back before La Poste came; `cancels` its use when that was the same day."""

    kind = "post.mail_given_back"
    item: str
    day: str
    visit: str
    cancels: bool


class BagClosed(Event, frozen=True, kw_only=True):
    """Mail taken in was put in a bag, on a numbered list."""

    kind = "post.bag_closed"
    bag: str
    number: int
    day: str
    items: list[str]
    pieces: int


class MailCollected(Event, frozen=True, kw_only=True):
    """La Poste took its bags away, with the notices that came to their term; the entry's time is theirs.

    `happened_at` is the declared time when it was noted on paper.
    """

    kind = "post.mail_collected"
    collection: str
    day: str
    bags: list[str]
    pieces: int
    returned: list[str]
    happened_at: int = 0


class PaidOut(Event, frozen=True, kw_only=True):
    """La Poste's terminal granted money and the café handed it over: a withdrawal or a *mandat cash*."""

    kind = "post.paid_out"
    payout: str
    what: str
    amount: int
    ref: str
    day: str
    visit: str
    person: str = ""
    # The clerk was warned that this person's week was used up, and the terminal granted it all the same.
    warned: bool = False
    visit_by: str = ""


class PaidIn(Event, frozen=True, kw_only=True):
    """A customer of an agency paid money in to an account of La Banque Postale."""

    kind = "post.paid_in"
    payin: str
    amount: int
    ref: str
    day: str
    visit: str
    visit_by: str = ""


class BalanceClosed(Event, frozen=True, kw_only=True):
    """The day was compared with the terminal's own slip.

    `difference` is the slip's balance less ours; `owed` what the café owes La Poste, below zero a claim.
    """

    kind = "post.balance_closed"
    day: str
    collected: int
    paid_out: int
    slip_collected: int
    slip_paid_out: int
    difference: int
    owed: int
    reason: str = ""


EVENTS: tuple[type[Event], ...] = (
    TermsSet, PriceSet, MailTaken, MailGivenBack, BagClosed, MailCollected, PaidOut, PaidIn, BalanceClosed,
)  # fmt: skip

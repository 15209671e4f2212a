"""The code that a certified till's log of technical events gives to each of our facts (R41).

The list of NF525 is not public: these are the codes one certified vendor published. A kind that none of
them names says so; it is in the chain all the same, since we keep one journal for everything.
"""

NONE = "none"

# By kind; what is not here has no code in the published list.
CODES: dict[str, str] = {
    "archive.made": "20/30",
    "till.signed_out": "40", "till.signed_in": "80",
    "till.day_closed": "50", "till.month_closed": "50", "till.year_closed": "60",
    "box.trouble_noted": "90",
    "till.cash_counted": "170",
    "till.sale_refunded": "190",
    "till.buyer_listed": "240",
    "journal.open": "260", "journal.continued": "260", "journal.tail_found": "260",
    "till.line_voided": "320", "till.tab_voided": "320",
    "till.third_party_moved": "910", "till.third_party_settled": "910", "cashback.cash_paid_out": "910",
    "box.software_updated": "250", "till.cafe_described": "410", "accounting.books_exported": "902",
}  # fmt: skip


def nf_code(kind: str) -> str:
    """Return the published code of a kind, or `none`."""
    return CODES.get(kind, NONE)

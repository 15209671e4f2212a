"""Selling, cash, closing: the part of the café that every other part leans on."""

from pos.feature import Feature
from pos.i18n import N_
from pos.till import (
    card,
    card_events,
    card_refund,
    cash,
    catalogue,
    clockset,
    close,
    closure_events,
    correction_events,
    corrections,
    events,
    late,
    limit_events,
    limits,
    means,
    network,
    network_apply,
    network_events,
    offer,
    people,
    period_tables,
    periods,
    proof,
    refund,
    sell,
    set_menus,
    tables,
    training_events,
)  # fmt: skip

TILL = Feature(
    slug="till",
    title=N_("Till"),
    events=(*events.EVENTS, *card_events.EVENTS),
    projection=tables.PROJECTION,
    acts=(
        close.open_day, close.close_day, close.take_reading, sell.sell, sell.add_product, sell.change_quantity,
        sell.remove_line, sell.discount_line, sell.set_price, sell.offer_line, sell.set_takeaway, sell.park_tab,
        sell.take_up_tab, sell.void_tab, sell.take_payment, sell.undo_payment, card.start_card, card.settle_card,
        card_refund.start_refund, card_refund.start_undo, card_refund.settle_refund, refund.refund_sale, late.begin_late_sale, cash.move_cash, cash.open_drawer, cash.count_drawer, cash.settle_third_party, cash.move_third_party,
        cash.keep_commission, catalogue.list_category, catalogue.list_product, catalogue.retire_product,
        catalogue.run_out, people.describe_cafe, offer.switch_services,
    ),
)  # fmt: skip

# Months and accounting years: made by themselves, told from the closings of the days.
CLOSURES = Feature(
    slug="closures",
    title=N_("Closings"),
    events=closure_events.EVENTS,
    projection=period_tables.PROJECTION,
    acts=(periods.set_accounting_year,),
    proof=proof.Closures,
    flaws=proof.SAYS,
)

# What a person said about the time when nothing else could.
CLOCK = Feature(slug="clock", title=N_("Date and time"), projection=clockset.PROJECTION)

# What was typed wrong about a payment, put right.
CORRECTIONS = Feature(
    slug="corrections",
    title=N_("Corrections"),
    events=correction_events.EVENTS,
    projection=corrections.PROJECTION,
    acts=(corrections.correct_payment,),
)

# Alcohol: of age or not, and the café's licence.
LIMITS = Feature(
    slug="limits",
    title=N_("Alcohol and age"),
    events=limit_events.EVENTS,
    projection=limits.PROJECTION,
    acts=(limits.set_limits, limits.set_drink_group, limits.check_age),
    sale_rules=(limits.age_rule, means.vouchers_pay_meals),
    day_open_checks=(limits.licence_notices,),
)

# Practice, in a file apart.
TRAINING = Feature(slug="training", title=N_("Training"), events=training_events.EVENTS)

# One price for dishes and drinks at several rates.
SET_MENUS = Feature(slug="setmenus", title=N_("Set menus"), projection=set_menus.PROJECTION)

# What HQ sends the café: news, prices with their ceilings.
NETWORK = Feature(
    slug="network",
    title=N_("News of the network"),
    events=network_events.EVENTS,
    projection=network.PROJECTION,
    acts=(network_apply.take_network_price,),
    todo=(network.notices,),
    icon="info",
)

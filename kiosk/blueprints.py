"""Every screen of the kiosk, in one explicit tuple; nothing registers itself."""

from flask import Blueprint

from kiosk import (
    control,
    customer,
    demo_machines,
    displays,
    found,
    hearing,
    overview,
    personal,
    shell,
    start,
    start_back,
    village,
)
from pos.accounting import screens as accounting
from pos.archive import screens as archives
from pos.services.accounts import screens as accounts
from pos.services.bikes import screens as bikes
from pos.services.bread import screens as bread
from pos.services.cashback import screens as cashback
from pos.services.digital import screens as digital
from pos.services.gatherings import screens as gatherings
from pos.services.grocery import screens as grocery
from pos.services.info import screens as info
from pos.services.loans import screens as loans
from pos.services.meals import screens as meals
from pos.services.members import screens as members
from pos.services.parcels import screens as parcels
from pos.services.post import screens as post
from pos.services.press import screens as press
from pos.services.relays import screens as relays
from pos.services.tour import screens as tour
from pos.till import screens as till

# One blueprint whose pages are in several files.
SETTINGS = {displays.bp, found.bp, overview.bp}

BLUEPRINTS: tuple[Blueprint, ...] = (
    shell.bp, hearing.bp, customer.bp, start.bp, start_back.bp, *SETTINGS, demo_machines.bp, village.bp, control.bp, personal.bp, *till.BLUEPRINTS, accounting.bp, archives.bp, info.bp, digital.bp, accounts.bp, bikes.bp, bread.bp, cashback.bp, loans.bp, members.bp, meals.bp, parcels.bp,
    post.bp, press.bp, relays.bp, tour.bp, gatherings.bp, grocery.bp,
)  # fmt: skip

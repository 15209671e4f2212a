"""Examples of the meals' facts: one offered meal from the order to the claim, one door that stayed closed."""

from pos.events import Event
from pos.services.meals import events as e

WHO, MEAL, ROUND, CLAIM = "019b0a1b2c3d00aa11bb", "019b0a1b2c4e00cc22dd", "019b0a1b2c5f00ee33ff", "019b0a1b2c6000ab44cd"
DAY, EVE = "2025-12-11", "2025-12-10"

_ALL: tuple[Event, ...] = (
    e.TermsSet(valid_from="2025-12-01", meal_price=1050, delivery_price=250, cut_off="10:00"),
    e.FunderSet(funder="klesia", label="KLESIA", month="2025-12", quota=10, price=1200, target=5),
    e.BeneficiaryProposed(beneficiary=WHO, number=3, origin="town_hall", day="2025-12-01"),
    e.BeneficiaryAccepted(beneficiary=WHO, day="2025-12-01"),
    e.BeneficiaryEnded(beneficiary=WHO, reason="moved", day="2026-02-01"),
    e.Subscribed(beneficiary=WHO, weekdays=[1, 3], place="home", valid_from="2025-12-02", funder="klesia"),
    e.Paused(beneficiary=WHO, first="2025-12-22", last="2026-01-04"),
    e.Resumed(beneficiary=WHO, day="2025-12-29"),
    e.MealOrdered(
        meal=MEAL, number=1, beneficiary=WHO, for_day=DAY, place="home", day=EVE, funder="klesia", late=True, standing=True
    ),
    e.MealCancelled(meal=MEAL, reason="asked", day=EVE),
    e.FunderChanged(meal=MEAL, funder="ccas", day=EVE),
    e.OrdersClosed(for_day=DAY, meals=8, day=EVE),
    e.MealsPrepared(batch="019b0a1b2c6100ef55ab", number=3, meals=[MEAL], chain="hot", day=DAY, witness=True),
    e.ProbeRefused(chain="hot", temperature=610, day=DAY),
    e.RoundLeft(
        round=ROUND, number=1, meals=[MEAL], chain="hot", temperature=680, day=DAY, happened_at=1765450500000
    ),
    e.MealDelivered(meal=MEAL, day=DAY, offered=True, temperature=660, happened_at=1765451400000),
    e.MealServed(meal=MEAL, day=DAY, offered=True),
    e.DoorUnanswered(meal=MEAL, day=DAY, happened_at=1765452900000),
    e.ContactCalled(meal=MEAL, outcome="reassured", day=DAY, happened_at=1765453080000),
    e.MealDeclined(meal=MEAL, day=DAY),
    e.MealDisposed(meal=MEAL, how="destroyed", day=DAY),
    e.MealUndone(meal=MEAL, was="delivered", day=DAY, cancels="meal_offered"),
    e.RoundClosed(round=ROUND, metres=11500, day=DAY),
    e.MonthClaimed(
        claim=CLAIM, number=1, funder="klesia", month="2025-12", meals=[MEAL], price=1200, amount=1200, ticket=412,
        day="2025-12-31", at=[e.ClaimedAt(price=1200, meals=1)],
    ),
    e.ClaimPaid(funder="klesia", amount=1200, means="transfer", day="2026-01-12", ref="VIR-0412"),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}

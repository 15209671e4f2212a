"""What the demonstration's HQ says to its cafés: a word from Lyon, a recall, a few prices negotiated."""

from datetime import date, timedelta

from sqlalchemy import Connection

from hq import announcing, pricing
from hq.access import User
from hq.announcing import Draft
from hq.pricing import Typed

# Product, its name, network price and ceiling.
PRICES = (
    ("cafe", "Café", "1,30", "1,60"), ("allonge", "Allongé", "1,40", "1,70"), ("cola_33_cl", "Cola 33 cl", "2,60", "3,00"),
    ("perrier_33_cl", "Perrier 33 cl", "2,50", "2,90"), ("orangina_25_cl", "Orangina 25 cl", "2,60", "3,00"),
    ("jus_de_pomme", "Jus de pomme", "", "2,80"), ("limonade_25_cl", "Limonade 25 cl", "", "2,00"),
)  # fmt: skip


def say(conn: Connection, by: User, today: date, *, now_ms: int) -> None:
    """Announce and price what the demonstration shows."""
    first = today - timedelta(days=2)
    announcing.announce(conn, by, Draft(
        title="Rappel : limonade artisanale, lot L2411", urgent=True, first=first.isoformat(),
        words="Le producteur rappelle le lot L2411 : bouchon qui peut céder.\nMettez les bouteilles de côté, le livreur les reprend.",
    ), now_ms=now_ms)  # fmt: skip
    announcing.announce(conn, by, Draft(
        title="Boissons : les nouveaux prix négociés", first=first.isoformat(), last=(today + timedelta(days=20)).isoformat(),
        words="Le contrat est signé pour un an : sodas et eaux baissent de 10 à 20 centimes.\n"
              "Ils arrivent sur votre carte à la clôture ; un prix que vous avez choisi reste le vôtre.",
    ), now_ms=now_ms)  # fmt: skip
    for ref, label, price, ceiling in PRICES:
        pricing.set_price(
            conn, by, Typed(ref=ref, label=label, price=price, ceiling=ceiling, first=first.isoformat()), now_ms=now_ms
        )

"""The relay's screens, by who stands at the counter: recipient, driver, sender; and the settings."""

from pos.services.parcels.screens import counter, driver, senders, settings
from pos.services.parcels.screens.blueprint import bp

__all__ = ["bp", "counter", "driver", "senders", "settings"]

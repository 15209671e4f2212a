"""The till's screens: the counter and its bill, tickets, day, drawer, menu, people, settings."""

from flask import Blueprint

from pos.till.screens import (
    cards,
    catalogue,
    closings,
    corrections,
    counter,
    day,
    drawer,
    invoices,
    limits,
    lines,
    menu,
    network,
    scan,
    team,
    tickets,
    training,
)
from pos.till.screens.counter import answer

__all__ = ["BLUEPRINTS", "answer", "cards", "closings", "corrections", "lines", "scan", "training"]

BLUEPRINTS: tuple[Blueprint, ...] = (
    counter.bp, tickets.bp, invoices.bp, day.bp, drawer.bp, menu.bp, catalogue.bp, team.bp, training.bp, limits.bp, network.bp,
)  # fmt: skip

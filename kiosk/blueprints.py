"""Every screen of the kiosk, in one explicit tuple; nothing registers itself."""

import importlib.util

from flask import Blueprint

from kiosk import paper_page, settings, shell, start, village

_SCREENS = ["pos.till.screens", "pos.services.bread.screens", "pos.services.parcels.screens", "pos.services.cashback.screens"]


def _found() -> tuple[Blueprint, ...]:
    import importlib

    return tuple(
        bp
        for name in _SCREENS
        if importlib.util.find_spec(name)
        for bp in getattr(importlib.import_module(name), "BLUEPRINTS", None) or (getattr(importlib.import_module(name), "bp", None),)
        if bp is not None
    )


BLUEPRINTS: tuple[Blueprint, ...] = (shell.bp, start.bp, settings.bp, paper_page.bp, village.bp, *_found())

"""Sentences said once: what a template says without a figure or a name is put in French when it is compiled.

The counter speaks one language. Looking up forty sentences again at each tap is a third of the time
it takes to draw a bill.
"""

from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from pos.i18n import _

SAID_BY = ("_", "gettext")


class Phrasebook(Environment):
    """The templates of the kiosk, their fixed sentences already in French."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = Fixed().visit(super()._parse(source, name, filename))
        return parsed


class Fixed(NodeTransformer):
    """Puts `_('Paid')` in French; a sentence with figures or names stays to be filled in."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name jinja2 looks for
        """Replace the call by its French, as markup: what the call itself would have answered."""
        self.generic_visit(node)
        said = _fixed(node)
        return node if said is None else nodes.Const(said, lineno=node.lineno)


def _fixed(node: nodes.Call) -> Markup | None:
    """Return the French of a call that says always the same, or None."""
    more: tuple[Any, ...] = (node.kwargs, node.dyn_args, node.dyn_kwargs)
    if not isinstance(node.node, nodes.Name) or node.node.name not in SAID_BY or any(more) or len(node.args) != 1:
        return None
    msgid = node.args[0]
    if not isinstance(msgid, nodes.Const) or not isinstance(msgid.value, str):
        return None
    # A sentence of the catalogue, never what a person typed.
    return Markup(_(msgid.value)) % {}  # noqa: S704

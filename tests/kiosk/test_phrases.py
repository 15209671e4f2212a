"""Sentences put in French when a template is compiled read as those looked up at each drawing."""

from flask import render_template_string

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.i18n import _


def test_a_fixed_sentence_reads_as_one_looked_up(kiosk: Kiosk) -> None:
    """Alone, in a condition, as an argument, under the other name, with a percent sign: always what `_` answers."""
    app = create_app(kiosk)
    with app.test_request_context("/"):
        for drawn in (
            "{{ _('Paid') }}", "{{ _('Paid') if true else _('Recorded') }}", "{{ gettext('Paid') }}",
            "{% trans %}Paid{% endtrans %}", "{% macro say(text) %}{{ text }}{% endmacro %}{{ say(_('Paid')) }}",
        ):  # fmt: skip
            assert render_template_string(drawn) == _("Paid") != "Paid"
        assert render_template_string("{{ _('Commission, %%') }}") == _("Commission, %%") % {}


def test_what_a_person_typed_in_a_sentence_is_still_escaped(kiosk: Kiosk) -> None:
    """Only sentences without a figure or a name are fixed; the others are filled in and escaped as they are drawn."""
    with create_app(kiosk).test_request_context("/"):
        drawn = render_template_string("{{ _('%(name)s may serve', name=name) }}", name="<b>Léo</b>")
        assert "&lt;b&gt;Léo&lt;/b&gt;" in drawn and "peut servir" in drawn

"""An invoice as a Factur-X file: a PDF/A-3 that a person reads, with the XML a program reads inside.

ReportLab draws the page, the library `factur-x` checks the XML against its schema and puts it in. Both are
heavy and imported only here, when somebody asks for the file.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any

from pos import vat
from pos.i18n import _
from pos.money import format_euros, format_quantity
from pos.till.invoices import cii
from pos.till.invoices.document import CREDIT_CODE, Document
from pos.till.invoices.events import PUBLIC
from pos.till.invoices.mentions import mention
from pos.till.slip_parts import MEANS_SAID, rate_said, regime_said, said

LEVEL = "en16931"
GREY, INK = "#667080", "#1d2733"


def facturx(doc: Document, *, mark: str = "") -> bytes:
    """Return the PDF with its XML inside, checked against the schema; `mark` is written across what is not true."""
    from facturx import generate_from_binary

    title = title_of(doc)
    made: bytes = generate_from_binary(
        pdf(doc, mark), cii.xml(doc), flavor="factur-x", level=LEVEL, check_xsd=True, lang="fr-FR",
        pdf_metadata={"author": doc.seller.sign, "keywords": "Factur-X", "title": title, "subject": title},
    )  # fmt: skip
    return _with_colours(made)


def title_of(doc: Document) -> str:
    """Return what the document is called."""
    if doc.code == CREDIT_CODE:
        return _("Credit note %(number)s", number=doc.number)
    return _("Invoice %(number)s", number=doc.number)


def pdf(doc: Document, mark: str = "") -> bytes:
    """Return the page a person reads."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    _fonts()
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
        title=title_of(doc), author=doc.seller.sign,
    )  # fmt: skip
    page.build(([_text(mark, 22, bold=True)] if mark else []) + _story(doc))
    return out.getvalue()


@cache
def _fonts() -> None:
    """Embed the fonts: a PDF/A says nothing that it does not carry."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont("Vera", str(folder / "Vera.ttf")))
    pdfmetrics.registerFont(TTFont("VeraBd", str(folder / "VeraBd.ttf")))
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")


def _style(size: int = 9, *, bold: bool = False, colour: str = INK, right: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    return ParagraphStyle(
        f"s{size}{bold}{colour}{right}", fontName="VeraBd" if bold else "Vera", fontSize=size, leading=size * 1.4,
        textColor=colour, alignment=2 if right else 0,
    )  # fmt: skip


def _text(text: str, size: int = 9, *, bold: bool = False, colour: str = INK, right: bool = False) -> Any:
    from reportlab.platypus import Paragraph

    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\n", "<br/>")):
        text = text.replace(sign, entity)
    return Paragraph(text, _style(size, bold=bold, colour=colour, right=right))


def _story(doc: Document) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import Spacer

    gap = Spacer(1, 6 * mm)
    parts: list[Any] = [
        _heads(doc),
        gap,
        _text(title_of(doc), 16, bold=True),
        _facts(doc),
        gap,
        _lines(doc),
        Spacer(1, 3 * mm),
    ]
    parts += [_sums(doc), gap, *(_text(line, 8, colour=GREY) for line in _mentions(doc))]
    return parts


def _heads(doc: Document) -> Any:
    """The café on the left, the customer on the right."""
    cafe, buyer = doc.seller, doc.buyer
    seller = [cafe.sign, cafe.legal_entity if cafe.legal_entity != cafe.sign else "", cafe.street,
              f"{cafe.postcode} {cafe.town}", _("SIRET %(siret)s", siret=cafe.siret) if cafe.siret else "",
              _("VAT no. %(number)s", number=cafe.vat_number) if cafe.vat_number and doc.regime == vat.REAL else ""]  # fmt: skip
    told = [buyer.street, f"{buyer.postcode} {buyer.town}", _("SIRET %(siret)s", siret=buyer.siret) if buyer.siret else "",
            _("VAT no. %(number)s", number=buyer.vat_number) if buyer.vat_number else "",
            _("Service code: %(code)s", code=buyer.service_code) if buyer.service_code else "",
            _("Commitment no. %(number)s", number=buyer.engagement) if buyer.engagement else ""]  # fmt: skip
    left = [_text(seller[0], 12, bold=True), *(_text(line) for line in seller[1:] if line)]
    right = [_text(_("Invoiced to"), 8, colour=GREY), _text(buyer.entity or _("Name erased on request"), 10, bold=True),
             *(_text(line) for line in told if line.strip())]  # fmt: skip
    return _grid([[left, right]], [95, 79], [("BOX", (1, 0), (1, 0), 0.5, GREY), ("VALIGN", (0, 0), (-1, -1), "TOP")])


def _facts(doc: Document) -> Any:
    rows = [(_("Date"), _french(doc.date)), (_("Date of the sale"), _french(doc.delivered)),
            (_("Ticket"), f"{doc.ticket:06d}")]  # fmt: skip
    if doc.invoice:
        rows.append(
            (_("Takes back"), _("invoice %(number)s of %(date)s", number=doc.invoice, date=_french(doc.invoice_date)))
        )
    if doc.due:
        rows.append((_("Payable by"), _french(doc.due_on)))
    return _text(" · ".join(f"{name} : {value}" for name, value in rows), 9)


def _lines(doc: Document) -> Any:
    heads = [_("Item"), _("Quantity"), _("Unit price excl. VAT"), _("VAT"), _("Total excl. VAT")]
    rows = [[_text(heads[0], 8, colour=GREY), *(_text(h, 8, colour=GREY, right=True) for h in heads[1:])]]
    for line in doc.lines:
        rate = rate_said(line.vat) if not line.vat_code else "–"
        rows.append([
            _text(line.label), _text(format_quantity(line.quantity), right=True), _text(_unit_net(line.net, line.quantity), right=True),
            _text(rate, right=True), _text(format_euros(line.net), right=True),
        ])  # fmt: skip
    rule = [("LINEBELOW", (0, 0), (-1, 0), 0.7, INK), ("LINEBELOW", (0, 1), (-1, -1), 0.25, GREY)]
    return _grid(rows, [74, 20, 32, 18, 30], rule, repeat=1)


def _unit_net(net: int, quantity: int) -> str:
    """Return the unit price HT with four decimals where cents do not say it."""
    if not quantity or net * 1000 % quantity == 0:
        return format_euros(net * 1000 // quantity if quantity else 0)
    tenths = (2 * net * 100_000 + quantity) // (2 * quantity)
    return f"{tenths // 10_000},{tenths % 10_000:04d}\u00a0€"


def _sums(doc: Document) -> Any:
    rows = [[_text(_("VAT %(rate)s on %(net)s", rate=rate_said(p.bp), net=format_euros(p.net)), right=True),
             _text(format_euros(p.gross - p.net), right=True)] for p in doc.vat]  # fmt: skip
    rows.insert(0, [_text(_("Total excl. VAT"), right=True), _text(format_euros(doc.net), right=True)])
    rows.append(
        [
            _text(_("Total incl. VAT"), 11, bold=True, right=True),
            _text(format_euros(doc.total), 11, bold=True, right=True),
        ]
    )
    if doc.code != CREDIT_CODE:
        paid = [said(MEANS_SAID, p.means) for p in doc.payments if not p.owner] or [""]
        if doc.total != doc.due:
            label = _("Paid (%(means)s)", means=", ".join(dict.fromkeys(paid)))
            rows.append([_text(label, right=True), _text(format_euros(doc.total - doc.due), right=True)])
        rows.append(
            [_text(_("Left to pay"), bold=True, right=True), _text(format_euros(doc.due), bold=True, right=True)]
        )
    return _grid(rows, [140, 34], [])


def _mentions(doc: Document) -> list[str]:
    regime = regime_said(doc.regime)
    lines = [regime] if regime else []
    if doc.code != CREDIT_CODE:
        lines += [mention(code, doc.date) for code in ("PMD", "PMT", "AAB")]
    if doc.buyer.sort == PUBLIC:
        lines.append(_("To be put on Chorus Pro, or sent through the café's platform."))
    lines.append(_("Software %(sw)s. Factur-X, profile EN 16931: the data are in the file.", sw=doc.sw))
    return lines


def _grid(rows: list[list[Any]], widths: list[int], marks: list[Any], repeat: int = 0) -> Any:
    from reportlab.lib.units import mm
    from reportlab.platypus import Table, TableStyle

    table = Table(rows, colWidths=[width * mm for width in widths], repeatRows=repeat)
    tight = [
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    table.setStyle(TableStyle([*tight, *marks]))
    return table


def _french(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _with_colours(made: bytes) -> bytes:
    """Say which colours are meant: a PDF/A names its output intent."""
    from PIL import ImageCms
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made)))
    profile = StreamObject()
    profile.set_data(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[NameObject("/N")] = NumberObject(3)
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([DictionaryObject({
        NameObject("/Type"): NameObject("/OutputIntent"), NameObject("/S"): NameObject("/GTS_PDFA1"),
        NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
        NameObject("/DestOutputProfile"): writer._add_object(profile),  # noqa: SLF001  (the library's own examples do)
    })])  # fmt: skip
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()

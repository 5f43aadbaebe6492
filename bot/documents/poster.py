"""Posters with a QR code that leads into the right community.

PDF with the standard Chinese CID font: no font file is needed to write it, viewers bring their own.
"""

from __future__ import annotations

from pathlib import Path

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bot.domain.street import Community, Street

FONT = "STSong-Light"
INK, ACCENT = (0.10, 0.17, 0.24), (0.05, 0.36, 0.47)


def poster_link(community: Community, *, telegram_name: str, web_url: str) -> str:
    """The link behind the QR code: Telegram when falin is on it, else the web chat."""
    if telegram_name:
        return f"https://t.me/{telegram_name}?start={community.id}"
    return f"{web_url.rstrip('/')}/?c={community.id}"


def write_poster(path: Path, street: Street, community: Community, link: str) -> None:
    """Write one A4 poster as PDF."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    width, height = A4
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setTitle(f"{community.name} 法邻")
    canvas.setFillColorRGB(*ACCENT)
    canvas.rect(0, height - 75 * mm, width, 75 * mm, stroke=0, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    _centred(canvas, 54, height - 38 * mm, "法律问题，问法邻")
    _centred(canvas, 24, height - 58 * mm, f"{street.name}　{community.name}")
    canvas.setFillColorRGB(*INK)
    _centred(canvas, 22, height - 95 * mm, "欠薪、借款、离婚、租房、物业、邻里纠纷")
    _qr_code(canvas, link, size=105 * mm, left=(width - 105 * mm) / 2, bottom=78 * mm)
    _centred(canvas, 20, 66 * mm, "手机扫一扫，用平常话问，不收费")
    _centred(canvas, 16, 50 * mm, "回答附法律依据；答不了的，转给社区法律顾问")
    _centred(canvas, 16, 34 * mm, f"{street.office}　电话 {street.phone}")
    _centred(canvas, 12, 22 * mm, street.hours)
    _centred(canvas, 9, 12 * mm, link)
    canvas.save()


def _centred(canvas: Canvas, size: float, bottom: float, text: str) -> None:
    canvas.setFont(FONT, size)
    plain = text.replace("·", "、").replace("–", "-")  # signs the font does not have
    canvas.drawCentredString(A4[0] / 2, bottom, plain)


def _qr_code(canvas: Canvas, link: str, *, size: float, left: float, bottom: float) -> None:
    code = QrCodeWidget(link, barLevel="M")
    x1, y1, x2, y2 = code.getBounds()
    drawing = Drawing(size, size, transform=[size / (x2 - x1), 0, 0, size / (y2 - y1), 0, 0])
    drawing.add(code)
    renderPDF.draw(drawing, canvas, left, bottom)


def write_posters(folder: Path, street: Street, *, telegram_name: str, web_url: str) -> list[Path]:
    """One poster per community; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for community in street.communities:
        path = folder / f"poster-{community.id}.pdf"
        write_poster(path, street, community, poster_link(community, telegram_name=telegram_name, web_url=web_url))
        paths.append(path)
    return paths

"""The complete file of a legal-aid application: one .docx and the photos of the papers, together in a zip."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Collection, Mapping
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.domain.aid_applications import AidApplication
from bot.domain.calendar import BEIJING
from bot.domain.errors import NotFound
from bot.domain.legal_aid import AidRules, Paper, Precheck, asks_means
from bot.domain.messages import Attachment

ReadFile = Callable[[Attachment], "bytes | None"]
BODY, HEADING = "仿宋", "黑体"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".pdf", ".doc", ".docx", ".mp4", ".txt"}


def write_aid_zip(
    application: AidApplication, found: Precheck, rules: AidRules, names: Mapping[str, str], read_file: ReadFile
) -> bytes:
    """The zip. A photo that cannot be fetched is named in the checklist instead of spoiling the whole file.

    Args:
        found: the pre-check of its answers.  names: of "community" and "matter", as people read them.
        read_file: the bytes of an attachment; None or NotFound when it is gone.
    """
    photos, lost = _read_photos(application, rules, read_file)
    # The moment of applying, not of writing: the same application gives the same bytes.
    moment = application.applied_at.astimezone(BEIJING).timetuple()[:6]
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as folder:
        form = write_aid_form(application, found, rules, names, lost)
        for name, content in [(rules.labels["file_name"], form), *photos]:
            folder.writestr(ZipInfo(name, moment), content, ZIP_DEFLATED)
    return target.getvalue()


def _read_photos(
    application: AidApplication, rules: AidRules, read_file: ReadFile
) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Files by name, e.g. 01-身份证.jpg; and the papers of which a photo is gone."""
    files: list[tuple[str, bytes]] = []
    lost: set[str] = set()
    for photo in application.photos:
        try:
            content = read_file(photo.attachment)
        except NotFound:
            content = None
        if content is None:
            lost.add(photo.paper)
        else:
            name = f"{len(files) + 1:02}-{rules.papers[photo.paper].title}{suffix_of(photo.attachment)}"
            files.append((name, content))
    return files, lost


def suffix_of(attachment: Attachment) -> str:
    """A file's ending: from its name or type, never anything that a name could smuggle in."""
    written = PurePosixPath(attachment.name).suffix.lower()
    if written in SUFFIXES:
        return written
    guessed = mimetypes.guess_extension(attachment.mime) if attachment.mime else None
    return guessed if guessed in SUFFIXES else ".jpg" if attachment.kind == "photo" else ".bin"


def write_aid_form(
    application: AidApplication,
    found: Precheck,
    rules: AidRules,
    names: Mapping[str, str],
    lost: Collection[str] = (),
) -> bytes:
    """The .docx: form, facts, statement of means, checklist, and what the pre-check found."""
    labels, document = rules.labels, _new_document(rules.labels["title"])
    _heading(document, labels["form"])
    _table(document, form_rows(application, rules, names))
    _heading(document, labels["facts_heading"])
    for line in application.facts.splitlines():
        document.add_paragraph(line)
    _heading(document, labels["means_heading"])
    _table(document, means_rows(application, rules))
    document.add_paragraph(labels["promise"])
    document.add_paragraph(labels["signature"])
    _heading(document, labels["papers_heading"])
    there = {photo.paper for photo in application.photos}
    _table(document, [(p.title, labels[_mark(p, there, lost)], p.note.says) for p in found.papers])
    _heading(document, labels["precheck_heading"])
    _table(document, [(labels[f"verdict_{r.verdict}"], r.note.says, "、".join(r.note.basis)) for r in found.reasons])
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def _mark(paper: Paper, there: Collection[str], lost: Collection[str]) -> str:
    if not paper.photo:
        return "made"
    return "lost" if paper.id in lost else "there" if paper.id in there else "missing"


def form_rows(application: AidApplication, rules: AidRules, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Who applies for what, line by line."""
    labels, answers = rules.labels, application.answers
    urgency = rules.urgencies.get(answers.urgent)
    return [
        (labels["reference"], application.reference),
        (labels["applied"], application.applied_at.astimezone(BEIJING).strftime("%Y-%m-%d")),
        (labels["name"], application.name),
        (labels["phone"], application.phone),
        (labels["community"], names["community"]),
        (labels["applicant"], labels[f"applicant_{answers.applicant}"]),
        (labels["matter"], names["matter"]),
        (labels["other_party"], application.other_party or labels["none"]),
        (labels["lawyer"], labels[answers.lawyer]),
        (labels["urgent"], urgency.title if urgency else labels["none"]),
    ]


def means_rows(application: AidApplication, rules: AidRules) -> list[tuple[str, ...]]:
    """What was said about hardship, line by line."""
    labels, answers = rules.labels, application.answers
    if not asks_means(answers, rules):
        return [(labels["income"], labels["not_asked"])]
    exemption, income = rules.exemptions.get(answers.exempt), rules.incomes.get(answers.income)
    return [
        (labels["exempt"], exemption.title if exemption else labels[answers.exempt]),
        (labels["income"], income.title if income else labels["unknown"]),
    ]


def _new_document(title: str) -> Any:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    _set_font(document.styles["Normal"], BODY, 14)
    document.styles["Normal"].paragraph_format.line_spacing = 1.3
    document.styles["Normal"].paragraph_format.space_after = Pt(4)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _set_font(paragraph.add_run(title), HEADING, 20)
    return document


def _set_font(styled: Any, font: str, points: int) -> None:
    """Word keeps a font of its own for Chinese."""
    styled.font.name, styled.font.size = font, Pt(points)
    fonts = styled.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)


def _heading(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(10)
    paragraph.paragraph_format.keep_with_next = True
    _set_font(paragraph.add_run(text), HEADING, 15)


def _table(document: Any, rows: list[tuple[str, ...]]) -> None:
    widths = {2: (4.2, 11.4), 3: (3.4, 5.2, 7.0)}[len(rows[0])]
    table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in rows:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, row, widths, strict=True):
            cell.width = Cm(width)
            cell.text = text
            for run in cell.paragraphs[0].runs:
                _set_font(run, BODY, 12)

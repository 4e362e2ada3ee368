"""Names what a packed file is, and what to send instead where it is no workbook that can be read."""

from __future__ import annotations

import io
import zipfile

SAVE_AGAIN = "open it in a spreadsheet program, and save it again as .xlsx, or as CSV with a header like Name,Email,Job,Interview"
OPENDOCUMENT = "an OpenDocument file (.ods)"
SHOWN_MOST = 80
_STREAMS = (
    ("EncryptedPackage", "is protected by a password: save it without one"),
    ("WordDocument", "is a Word document (.doc)"),
    ("PowerPoint Document", "is a PowerPoint presentation (.ppt)"),
    ("__substg1.0", "is a mail of Outlook (.msg)"),
)
"""Streams of older Office files that hold no table, each with what the file is."""
_OTHERS = {
    "word/document.xml": "a Word document (.docx)",
    "ppt/presentation.xml": "a PowerPoint presentation (.pptx)",
    "Index/Document.iwa": "a document of Apple Numbers or Pages",
    "META-INF/container.xml": "an e-book (.epub)",
}
_OPENDOCUMENTS = {"text": "a text document (.odt)", "presentation": "a presentation (.odp)", "graphics": "a drawing (.odg)"}


def kind_of(raw: bytes, parts: list[zipfile.ZipInfo]) -> tuple[str, bool]:
    """Return what a zip file with these parts is, and whether it is a workbook. The parts have been measured."""
    names = {part.filename for part in parts}
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "an Excel workbook", True
    if "content.xml" in names and "mimetype" in names:
        word = _beginning(raw, "mimetype").removeprefix("application/vnd.oasis.opendocument.").partition("-")[0]
        return (_OPENDOCUMENTS[word], False) if word in _OPENDOCUMENTS else (OPENDOCUMENT, True)
    shown = ", ".join(sorted(names)[:3]) or "nothing"
    other = next((kind for name, kind in _OTHERS.items() if name in names), "a zip file")
    return f"{other} and no workbook: it holds {shown}", False


def unreadable(raw: bytes, kind: str) -> str:
    """Return the message for a workbook in which no table can be found: what is there, and what to send."""
    if kind == OPENDOCUMENT:
        begins = _beginning(raw, "content.xml")
        found = f"its content.xml begins with “{begins}”" if begins else "its content.xml is empty"
        return f"is {kind} without a table that can be read: {found}. Please {SAVE_AGAIN}"
    if message := next((message for stream, message in _STREAMS if stream.encode("utf-16-le") in raw), None):
        return message if "password" in message else f"{message}: copy its table into a spreadsheet, and send that"
    return (
        f"is {kind} that cannot be read: it is neither text nor a workbook as spreadsheet programs save it. Please {SAVE_AGAIN}"
    )


def _beginning(raw: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(name) as part:
            text = part.read(200).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, EOFError, NotImplementedError):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:SHOWN_MOST]

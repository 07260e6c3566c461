"""Documents of Word, Excel, PowerPoint and OpenDocument as small as their programs would still open them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_O = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)


def package(members: Mapping[str, str | bytes], packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file of these members; the first is stored as it is, as OpenDocument wants its media type."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, (name, content) in enumerate(members.items()):
            archive.writestr(name, content, zipfile.ZIP_STORED if number == 0 else packed)
    return made.getvalue()


def word(body: str, **members: str | bytes) -> bytes:
    """Return a document of Word; a body without markup is its one paragraph."""
    inner = body if body.startswith("<") else f"<w:p><w:r><w:t>{body}</w:t></w:r></w:p>"
    document = f"<w:document {_W}><w:body>{inner}</w:body></w:document>"
    return package({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **_named("word", members)})


def word_part(text: str) -> str:
    """Return a header, footer or note with one paragraph."""
    return f"<w:part {_W}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:part>"


def excel(rows: str, texts: str = "", styles: str = "", name: str = "Sheet1") -> bytes:
    """Return a workbook of one sheet."""
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook {_S}><sheets><sheet name="{name}" sheetId="1"/></sheets></workbook>',
            "xl/styles.xml": f"<styleSheet {_S}>{styles}</styleSheet>",
            "xl/sharedStrings.xml": f"<sst {_S}>{texts}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {_S}><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def slides(*texts: str) -> bytes:
    """Return a presentation with one paragraph a slide."""
    made = {
        f"ppt/slides/slide{number}.xml": f"<p {_A}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p>"
        for number, text in enumerate(texts, start=1)
    }
    return package({"[Content_Types].xml": "<Types/>", **made})


def open_document(kind: str, body: str, manifest: str = "") -> bytes:
    """Return an OpenDocument (`text`, `spreadsheet`, `presentation`)."""
    return package(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
            "content.xml": f"<office:document-content {_O}><office:body>{body}</office:body></office:document-content>",
        }
    )


def _named(folder: str, members: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    return {f"{folder}/{name.replace('__', '/')}.xml": content for name, content in members.items()}

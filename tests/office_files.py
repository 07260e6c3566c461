"""Documents of Word, Excel, PowerPoint and OpenDocument as small as their programs would still open them."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_O = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"'
)

_X = '<?xml version="1.0" encoding="UTF-8"?>'
_M = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"'


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
    inner = f"<office:body>{body}</office:body>"
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    whole = entry.format("/", media_type) + entry.format("content.xml", "text/xml")
    return package(
        {
            "mimetype": media_type,
            "META-INF/manifest.xml": f"{_X}<manifest:manifest {_M}>{whole}{manifest}</manifest:manifest>",
            "content.xml": f"{_X}<office:document-content {_O}>{inner}</office:document-content>",
        }
    )


def saved_as(suffix: str, content: bytes, came_as: str) -> bytes:
    """Return what LibreOffice makes of a file (`came_as` is its suffix), saved in the format of this suffix.

    What must look to LibreOffice like a whole document, and the kinds before 2007, come from it.
    """
    with TemporaryDirectory() as folder:
        source = Path(folder, f"file.{came_as}")
        source.write_bytes(content)
        told = ["soffice", f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless"]
        subprocess.run([*told, "--convert-to", suffix, "--outdir", folder, str(source)], check=True, timeout=60)
        return source.with_suffix(f".{suffix}").read_bytes()


def _named(folder: str, members: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    return {f"{folder}/{name.replace('__', '/')}.xml": content for name, content in members.items()}

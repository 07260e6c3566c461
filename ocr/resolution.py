"""Decides which resolution of an image to believe: many files state none, or one that cannot be.

Pure arithmetic on the header's claims. A fax machine sends 1728, 2048 or 2432 dots a line at 204 dpi and 98 or 196
lines an inch (ITU-T T.4); some gateways store a standard page of 98 lines as if its pixels were square.
"""

from __future__ import annotations

_FAX_WIDTHS = (1728, 2048, 2432)
_FAX_DPI = 204.0
_STANDARD_LINES = 98.0
_FINE_LINES = 196.0
_FLATTENED = 0.8
_STATED_BY_DEFAULT = (72.0, 96.0)
_LEAST_DPI, _MOST_DPI = 50.0, 1300.0
_LONGEST_SIDE_INCHES = 50.0
_A4_LONG_SIDE_INCHES = 11.69
_A4_SHORT_SIDE_INCHES = 8.27
_NEARLY_SQUARE = 0.1


def believed_resolution(width: int, height: int, stated: object, *, bitonal: bool) -> tuple[float, float]:
    """Return columns and rows per inch.

    Args:
        width: pixels across.
        height: pixels down.
        stated: what the header says, (x, y) in dots per inch, or anything else where it says nothing.
        bitonal: black and white only.
    """
    claim = _plausible(width, height, stated)
    if bitonal and width in _FAX_WIDTHS and (claim is None or _is_square(claim)):
        flattened = height < _FLATTENED * width
        return _FAX_DPI, _STANDARD_LINES if flattened else _FINE_LINES
    if claim is not None:
        return claim
    guess = max(max(width, height) / _A4_LONG_SIDE_INCHES, min(width, height) / _A4_SHORT_SIDE_INCHES)
    guess = min(max(guess, _LEAST_DPI), _MOST_DPI)
    return guess, guess


def is_square(x_dpi: float, y_dpi: float) -> bool:
    """Say whether pixels of this resolution may be taken as square; those of a fine fax, 204 x 196, may."""
    return abs(x_dpi / y_dpi - 1) <= _NEARLY_SQUARE


def _is_square(claim: tuple[float, float]) -> bool:
    return claim[0] == claim[1]


def _plausible(width: int, height: int, stated: object) -> tuple[float, float] | None:
    """Return the claim as two numbers, or None where it is missing, a mere default or gives an impossible sheet."""
    if not isinstance(stated, tuple) or len(stated) != 2:
        return None
    x_dpi, y_dpi = float(stated[0]), float(stated[1])
    if not (_LEAST_DPI <= x_dpi <= _MOST_DPI and _LEAST_DPI <= y_dpi <= _MOST_DPI):
        return None
    if x_dpi in _STATED_BY_DEFAULT and max(width, height) / x_dpi > 1.5 * _A4_LONG_SIDE_INCHES:
        return None
    if max(width / x_dpi, height / y_dpi) > _LONGEST_SIDE_INCHES:
        return None
    return x_dpi, y_dpi

# SPDX-License-Identifier: BSD-3-Clause
"""As much of SVG as the pictures need: dark text on pale fills."""
from xml.sax.saxutils import escape, quoteattr

FONT = "font-family=\"sans-serif\" font-size=\"%d\""
INK, FAINT = "#111", "#555"
MARGIN = 8
WIDTH_OF_A_LETTER = 0.66    # of the size; of wide ones


def text_width(text, size=11):
    """No less than what a browser needs for it."""
    return len(text) * size * WIDTH_OF_A_LETTER


def shorten(text, room, size=11):
    """As much of (text) as fits into (room); nothing where that says nothing."""
    fits = int(room / (size * WIDTH_OF_A_LETTER))
    if len(text) <= fits:
        return text
    return text[:fits - 1] + "…" if fits > 3 else ""


class Picture:
    """A list of elements, (width) wide and as high as they make it."""

    def __init__(self, width, title):
        self.width, self.height, self.parts = width, 0, []
        self.text(MARGIN, 20, shorten(title, width - 2 * MARGIN, 16), 16)
        self.height = 32

    def raw(self, part):
        self.parts.append(part)

    def rect(self, x, y, width, height, colour, title=""):
        tip = f"<title>{escape(title)}</title>" if title else ""
        self.parts.append(
            f'<rect x="{x:.2f}" y="{y:.1f}" width="{max(width, 0.3):.2f}" '
            f'height="{height}" fill={quoteattr(colour)}>{tip}</rect>')

    def text(self, x, y, text, size=11, anchor="start", colour=INK):
        """Moved where it would be cut at an edge."""
        width = text_width(text, size)
        if anchor == "middle" and x + width / 2 > self.width - MARGIN:
            x, anchor = self.width - MARGIN, "end"
        if anchor == "start" and x + width > self.width - MARGIN:
            x = max(MARGIN, self.width - MARGIN - width)
        self.parts.append(
            f'<text x="{x:.2f}" y="{y:.1f}" {FONT % size} fill="{colour}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')

    def line(self, x, y, to_y, colour="#ccc"):
        self.parts.append(f'<line x1="{x:.2f}" y1="{y}" x2="{x:.2f}" '
                          f'y2="{to_y}" stroke="{colour}"/>')

    def write(self, path):
        head = ('<?xml version="1.0" encoding="UTF-8"?>\n'
                f'<svg xmlns="http://www.w3.org/2000/svg" '
                f'width="{self.width}" height="{self.height}" '
                f'viewBox="0 0 {self.width} {self.height}">\n'
                f'<rect width="100%" height="100%" fill="white"/>\n')
        path.write_text(head + "\n".join(self.parts) + "\n</svg>\n")


def colour(name, hue, spread):
    """One of a family of pale colours, always the same for (name)."""
    number = sum(ord(c) * 31 ** i for i, c in enumerate(name)) % 997
    return (f"hsl({(hue + number % spread) % 360}, "
            f"{50 + number % 30}%, {76 + number % 10}%)")

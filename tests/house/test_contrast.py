"""Colours can be read by everybody: every pair that occurs has the contrast it needs, in light and in dark."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
STAGES = ("stage-information", "stage-consultation", "stage-concertation", "stage-codecision")
GROUNDS = ("paper", "sheet", "sunken")

# Text on what it stands on: at least 4.5 to 1 (WCAG 2.2, 1.4.3).
TEXT = [
    *((text, ground) for text in ("ink", "ink-soft", "accent", "accent-strong", "danger") for ground in GROUNDS),
    *((stage, ground) for stage in STAGES for ground in ("paper", "sheet")),
    *(("sheet", stage) for stage in STAGES),
    *(("ink", f"{kind}-tint") for kind in ("accent", "success", "warning", "danger")),
    *((kind, f"{kind}-tint") for kind in ("accent", "success", "warning", "danger", "ins", "del")),
    *((kind, ground) for kind in ("ins", "del", "success", "warning") for ground in ("paper", "sheet")),
    ("accent-strong", "accent-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("paper", "ink"),
    ("ink", "mark"),
    ("ink-soft", "accent-tint"),
]
# Borders of fields, lines of shapes, the ring of the focus: at least 3 to 1 (1.4.11).
LINES = [("rule-strong", "paper"), ("rule-strong", "sheet"), ("ink", "halo"), ("accent", "accent-tint")]


def read_blocks() -> list[dict[str, str]]:
    """The colours of each block of the file, in order: light, dark by the system's wish, dark by choice."""
    blocks = re.findall(r":root[^{]*\{(.*?)\}", TOKENS.read_text(encoding="utf-8"), re.DOTALL)
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block)) for block in blocks]


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of `#rrggbb` (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lightness(colour: str) -> float:
    """CIE L*, 0 to 100: how light a colour looks."""
    value = luminance(colour)
    return 116 * value ** (1 / 3) - 16 if value > 0.008856 else 903.3 * value


def test_the_measure_is_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert lightness("#777777") == pytest.approx(50, abs=0.1)


def test_dark_is_the_same_whether_the_system_or_the_reader_wants_it():
    light, dark, chosen = read_blocks()
    assert dark == chosen
    assert dark.keys() == light.keys()


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (LINES, 3)], ids=["text", "lines"])
def test_contrast(theme, pairs, least):
    colours = read_blocks()[theme]
    measured = {f"{one} on {other}": contrast(colours[one], colours[other]) for one, other in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in measured.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_stages_differ_in_lightness_too(theme):
    colours = read_blocks()[theme]
    steps = [lightness(colours[stage]) for stage in STAGES]
    further = [-1, 1][theme]  # from one stage to the next the colour stands out more from its ground
    assert all((after - before) * further > 5 for before, after in pairwise(steps)), steps

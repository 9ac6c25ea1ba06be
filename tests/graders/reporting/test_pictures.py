"""What is drawn of results."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from backproof.model import Error, ErrorMap, MatrixPicture, Picture, ReceptiveField
from backproof.reporting.pictures import COLOURS, describe, figure, svg

SVG = "{http://www.w3.org/2000/svg}"
TENSOR = ErrorMap(
    output="dx",
    shape=(2, 3, 2, 4),
    grid=(2, 3, 2, 4),
    levels="0" * 47 + "3",
    summary="1 of 48 entries of dx wrong",
)
MATRIX = MatrixPicture(
    name="A",
    rows=("y1", "y2"),
    columns=("x1", "x2", "x3"),
    column_blocks=(2, 1),
    cells=(("w1", "0", "0"), ("0", "<w1>", "0")),
    wrong=(1, 1),
)
STACK = ReceptiveField(kernels=(3, 2, 4), strides=(2, 3, 5), dilations=(1, 2, 1))
PICTURES: tuple[Picture, ...] = (TENSOR, MATRIX, replace(MATRIX, cells=(), wrong=None), STACK)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_a_picture_is_well_formed_and_has_a_title(picture: Picture) -> None:
    """Whoever cannot see it hears what it shows; nothing in it runs or is loaded."""
    root = ElementTree.fromstring(svg(picture, alone=True))

    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == describe(picture)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        *("svg", "title", "rect", "path", "circle", "text"),
    }
    assert not [name for node in root.iter() for name in node.attrib if "href" in name]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_the_same_picture_has_the_same_bytes(picture: Picture) -> None:
    """Pictures stand in releases, which are compared byte by byte."""
    assert svg(picture) == svg(replace(picture))


def test_a_tensor_is_drawn_as_tiles_with_their_indices() -> None:
    """One image for each example and channel; the wrong entry is in the last one."""
    texts = [node.text for node in ElementTree.fromstring(svg(TENSOR)).iter(f"{SVG}text")]
    fills = [n.attrib["fill"] for n in ElementTree.fromstring(svg(TENSOR)).iter(f"{SVG}path")]

    assert texts == ["[0,0]", "[0,1]", "[0,2]", "[1,0]", "[1,1]", "[1,2]"]
    assert fills == [COLOURS[Error.RIGHT]] * 6 + [COLOURS[Error.HUGE]]


def test_classes_of_errors_differ_in_lightness() -> None:
    """Who sees no colours, or prints in grey, can tell them apart."""

    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    ordered = [lightness(COLOURS[level]) for level in Error]

    assert all(a - b > 20 for a, b in pairwise(ordered))


def test_the_legend_explains_exactly_what_is_drawn() -> None:
    """No class that does not occur, none without words."""
    html = figure(TENSOR)

    assert html.count("inline-block;width") == 2
    assert "right" in html
    assert "off by more" in html


def test_a_coarse_map_says_so() -> None:
    """Nobody counts entries that are not drawn one by one."""
    assert "the worst of several" in describe(replace(TENSOR, shape=(2, 3, 20, 40)))
    assert "worst" not in describe(TENSOR)


def test_the_wrong_entry_is_marked_and_named() -> None:
    """Its row and column, counted from 1 as in mathematics; its text is escaped."""
    assert "The marked entry (2, 2), where y2 meets x2, is not right" in describe(MATRIX)
    assert svg(MATRIX).count("#d95f0e") == 1
    assert "&lt;w1&gt;" in svg(MATRIX)
    assert svg(replace(MATRIX, wrong=None)).count("#d95f0e") == 0


def test_a_block_begins_at_a_thick_line() -> None:
    """Both borders and the one line between the blocks, for columns; two borders for rows."""
    assert svg(MATRIX).count('stroke-width="2"') == 3 + 2


@pytest.mark.parametrize(
    ("stack", "pixels"),
    [
        (ReceptiveField(kernels=(3, 2, 3, 2), strides=(2, 2, 2, 2)), 21),
        (ReceptiveField(kernels=(3, 2), strides=(2, 1), dilations=(1, 3)), 9),
        (ReceptiveField(kernels=(4,), strides=(3,)), 4),
        (STACK, 3 + 2 * 2 + 3 * 2 * 3),
    ],
    ids=["four layers", "dilated", "one layer", "all different"],
)
def test_a_receptive_field_is_drawn_on_the_input(stack: ReceptiveField, pixels: int) -> None:
    """One box for every pixel from the first to the last, in colour where it counts."""
    drawing = svg(stack)

    assert f"{pixels} pixels, from first to last" in drawing
    assert f"sees {pixels} pixels" in describe(stack)
    assert drawing.count("<rect") == pixels


def test_pixels_between_those_that_count_stay_empty() -> None:
    """A dilated kernel leaves holes in what one output sees."""
    boxes = re.findall(
        r'<rect[^>]*fill="([^"]*)"',
        svg(ReceptiveField(kernels=(3, 2), strides=(2, 1), dilations=(1, 3))),
    )

    assert [fill == "none" for fill in boxes] == [False] * 3 + [True] * 3 + [False] * 3

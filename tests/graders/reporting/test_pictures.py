"""What is drawn of results."""

import json
import re
from dataclasses import asdict, replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from backproof.model import (
    Cloud,
    Curves,
    Error,
    ErrorMap,
    Histogram,
    Images,
    Line,
    MatrixPicture,
    Picture,
    ReceptiveField,
)
from backproof.reporting.jsonreport import _read_picture
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
CURVES = Curves(
    title="accuracy <of> a run",
    across="epoch",
    up="accuracy, %",
    lines=(
        Line(name="yours", x=(1.0, 2.0, 3.0), y=(40.0, 55.5, 61.0)),
        Line(
            name="others",
            x=(1.0, 2.0, 3.0),
            y=(41.0, 50.0, 60.0),
            low=(40.0, 48.0, 59.0),
            high=(42.0, 52.0, 61.0),
        ),
    ),
    bounds=(0.0, 100.0),
)
KERNELS = Images(
    title="2 kernels", shape=(2, 3), images=((0, 255, 0, 0, 0, 0), (128,) * 6), black=-1, white=1
)
WEIGHTS = Histogram(
    title="How 8 weights are distributed",
    across="weights",
    ends=(-2.0, 2.0),
    counts=(1, 3, 4, 0),
    curve=(1.0, 3.0, 3.0, 1.0),
    curve_name="normal law",
)
CLOUD = Cloud(
    title="Where runs end",
    across="w1",
    up="w2",
    points=((0.0, 1.0), (-1.0, 0.5)),
    correlation=0.6,
    radius=2.4,
    share=0.95,
    marked=(30.0, -1.0),
)
CHARTS: tuple[Picture, ...] = (CURVES, KERNELS, WEIGHTS, CLOUD)
PICTURES: tuple[Picture, ...] = (
    TENSOR,
    MATRIX,
    replace(MATRIX, cells=(), wrong=None),
    STACK,
    *CHARTS,
)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_a_picture_is_well_formed_and_has_a_title(picture: Picture) -> None:
    """Whoever cannot see it hears what it shows; nothing in it runs or is loaded."""
    root = ElementTree.fromstring(svg(picture, alone=True))

    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == describe(picture)
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {
        *("svg", "title", "rect", "path", "circle", "text", "polygon", "polyline"),
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


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_a_picture_in_a_json_report_comes_back_the_same(picture: Picture) -> None:
    """Pages are made from reports of the journal, too."""
    assert _read_picture(json.loads(json.dumps(asdict(picture)))) == picture


def _points(picture: Picture, tag: str) -> list[list[tuple[float, float]]]:
    found = ElementTree.fromstring(svg(picture)).iter(f"{SVG}{tag}")
    return [
        [(float(x), float(y)) for x, _, y in (pair.partition(",") for pair in points.split())]
        for points in (node.attrib["points"] for node in found)
    ]


def test_curves_rise_with_their_numbers_and_lie_within_the_axes() -> None:
    yours, others = _points(CURVES, "polyline")
    (band,) = _points(CURVES, "polygon")

    assert [x for x, _ in yours] == [x for x, _ in others] == sorted(x for x, _ in yours)
    assert [y for _, y in yours] == sorted((y for _, y in yours), reverse=True)
    for (x, y), (_, high), (_, low) in zip(others, band[:3], band[:2:-1], strict=True):
        assert high < y < low, f"the line at {x} lies inside its band"


def test_a_curve_outside_its_bounds_is_drawn_on_the_border() -> None:
    far = replace(CURVES, lines=(replace(CURVES.lines[0], y=(-1e9, 50.0, 1e9)),))
    ((_, bottom), (_, middle), (_, top)) = _points(far, "polyline")[0]

    assert top < middle < bottom < 400


def test_epochs_have_no_fractions_on_the_axis() -> None:
    texts = [node.text or "" for node in ElementTree.fromstring(svg(CURVES)).iter(f"{SVG}text")]

    assert {"1", "2", "3"} <= set(texts)
    assert "1.5" not in texts


def test_pixels_of_one_grey_are_one_path() -> None:
    """A page with the kernels of a network stays small."""
    paths = list(ElementTree.fromstring(svg(KERNELS)).iter(f"{SVG}path"))

    assert [node.attrib["fill"] for node in paths] == ["#000000", "#ffffff", "#808080"]
    assert [node.attrib["d"].count("M") for node in paths] == [5, 1, 6]


def test_what_charts_say_in_words() -> None:
    assert describe(CURVES) == (
        "accuracy <of> a run: yours from 40 at 1 to 61 at 3; others from 40 to 42 at 1 and from 59 "
        "to 61 at 3"
    )
    assert describe(WEIGHTS).endswith(
        "from -2 to 2, half of them from about -1 to 1; the line is the normal law"
    )
    assert "yours are 38.3 standard deviations from the mean, its border 2.4" in describe(CLOUD)
    assert "far outside" in svg(CLOUD)

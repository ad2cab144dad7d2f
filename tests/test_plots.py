import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncourse import plots
from rnncourse.plots import Line, Panel, show

ALT = "A line that climbs from zero to nine."


def climbing(**settings):
    return Panel("It climbs", [Line(range(10), "climb")], **settings)


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_picture_without_words_is_refused():
    with pytest.raises(ValueError, match="say what one sees in a sentence"):
        show(climbing(), alt="plot.png")


def test_a_figure_without_panels_is_refused():
    with pytest.raises(ValueError, match="at least one Panel, got none"):
        show(alt=ALT)


def test_the_text_alternative_reaches_the_page_escaped():
    html = show(climbing(), alt='A line, "h" < 1, that climbs')._repr_html_()
    assert 'alt="A line, &quot;h&quot; &lt; 1, that climbs"' in html
    assert html.count("<img") == html.count("<source") == 1


def test_the_text_alternative_is_what_a_terminal_shows():
    assert repr(show(climbing(), alt=ALT)) == f"Figure: {ALT}"


def test_the_same_figure_is_the_same_file():
    first, second = (show(climbing(), alt=ALT) for _ in range(2))
    assert (first.wide, first.narrow) == (second.wide, second.narrow)
    assert "<dc:date>" not in first.wide


@pytest.mark.parametrize(
    "panel",
    [
        climbing(),
        climbing(levels={"coin": 0.5}, spans=[(1, 2, "here")]),
        Panel("Log", [Line([1, 10, 100], "up", low=[1, 9, 90], high=[2, 20, 200])], yscale="log"),
        Panel("Outside", [Line([1, 1e-30], "gone")], yscale="log", ylim=(1e-3, 1)),
        Panel("Stems", [Line([0, 1, 0, -1], "claps", plots.INPUT, "stems")]),
        Panel("Ticks", [Line([1, 2], x=[4, 8])], xscale="log", xticks=[4, 8]),
    ],
    ids=lambda panel: panel.title,
)
def test_every_kind_of_panel_draws_valid_svg_twice(panel):
    picture = show(panel, alt=ALT)
    for svg in (picture.wide, picture.narrow):
        assert panel.title in texts(svg)
        assert "nan" not in svg


def test_panels_stand_above_each_other_on_a_phone():
    picture = show(climbing(), climbing(), alt=ALT)
    wide, narrow = (
        ET.fromstring(svg).get("viewBox").split()[2:] for svg in (picture.wide, picture.narrow)
    )
    assert float(narrow[0]) == float(wide[0]) / 2
    assert float(narrow[1]) == 2 * float(wide[1])


def test_text_stays_readable_on_a_phone():
    svg = show(climbing(levels={"coin": 3}, spans=[(1, 2, "here")]), alt=ALT).narrow
    points = [float(size) for size in re.findall(r"font-size:([\d.]+)px", svg)]
    pixels = np.array(points) * plots.PIXELS_PER_INCH / 72
    assert pixels.min() >= 11


def test_long_titles_wrap_instead_of_leaving_the_card():
    title = "The state that nobody asked about keeps its one bit for ever and ever"
    lines = texts(show(Panel(title), alt=ALT).narrow)
    assert title not in lines
    assert set(title.split()) <= set(" ".join(line for line in lines if line).split())


@given(st.lists(st.floats(0, 100), max_size=6).map(sorted))
def test_labels_never_touch_and_keep_their_order(heights):
    moved = plots._apart(heights, gap=10)
    assert len(moved) == len(heights)
    assert np.all(np.diff(moved) >= 10 - 1e-6)


def test_labels_with_room_stay_where_they_are():
    assert plots._apart([0.0, 20.0, 40.0], gap=10) == [0.0, 20.0, 40.0]


def contrast(colour, ground):
    def luminance(hexadecimal):
        channels = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted([luminance(colour), luminance(ground)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "colour", [plots.INPUT, plots.PREDICTION, plots.STATE, plots.CELL, plots.GATE]
)
def test_text_in_every_colour_can_be_read_on_the_card(colour):
    assert contrast(plots.TEXT_SHADE.get(colour, colour), plots.CARD) >= 4.5
    assert contrast(colour, plots.CARD) >= 2.95

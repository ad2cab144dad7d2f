import re

import numpy as np
import pytest

from rnncourse.diagrams import rows
from rnncourse.diagrams.rows import confusions, image_row, ranking, readings, row_reader

ALT = "Some images side by side, each with a caption below it."
IMAGES = np.random.default_rng(0).random((6, 8, 8))


def drawn(picture):
    return picture.wide, picture.narrow


def test_every_image_has_its_caption_on_page_and_phone():
    picture = image_row(IMAGES, [f"image {k}" for k in range(6)], alt=ALT, per_row=4)
    for svg in drawn(picture):
        assert svg.count("<image") == 6
        assert [svg.count(f">image {k}<") for k in range(6)] == [1] * 6


def test_the_reader_reads_eight_rows_and_answers_once():
    picture = row_reader(IMAGES[0], "3")
    assert len(picture.alt.split()) > 30
    for svg in drawn(picture):
        assert svg.count(">h<") == 8
        assert svg.count("ten logits") == 1


def test_a_reading_frames_the_right_class_of_each_image():
    said = np.full((6, 8, 10), 0.1)
    picture = readings(IMAGES, said, truths=[0, 1, 2, 3, 4, 9], alt=ALT, names=list("abcdef"))
    for svg in drawn(picture):
        assert svg.count("<image") == 12
        assert len(re.findall(r"stroke:#1e2329", svg)) >= 6
        assert [svg.count(f">{name}<") for name in "abcdef"] == [1] * 6


def test_confusions_show_every_count_that_is_not_zero():
    counts = np.diag([7, 8, 9])
    counts[2, 0] = 4
    for svg in drawn(confusions(counts, alt=ALT)):
        assert [svg.count(f">{n}<") for n in (7, 8, 9, 4)] == [1] * 4


def test_confusions_put_what_it_was_in_rows():
    def place(svg, text):
        found = re.search(rf'<text[^>]* x="([\d.]+)" y="([\d.]+)"[^>]*>{text}<', svg)
        return float(found[1]), float(found[2])

    counts = np.zeros((3, 3), int)
    counts[2, 0] = 77
    counts[0, 2] = 88
    svg = confusions(counts, alt=ALT).wide
    (left, low), (right, high) = place(svg, 77), place(svg, 88)
    assert left < right
    assert low > high  # SVG counts y from the top: row 2 stands lower


def test_a_ranking_names_all_and_marks_levels():
    shares = {"one": [0.5, 0.5, 0.6], "two": [0.7, 0.8, 0.9]}
    picture = ranking(shares, {"limit": 0.65}, alt=ALT, xlabel="right")
    for svg in drawn(picture):
        assert [svg.count(f">{name}<") for name in ("one", "two", "limit")] == [1, 1, 1]


@pytest.mark.parametrize("narrow", [False, True])
def test_equal_values_of_a_ranking_do_not_hide_each_other(narrow):
    svg = drawn(ranking({"one": [0.5] * 5}, {}, alt=ALT, xlabel="right"))[narrow]
    dots = re.findall(r"M ([\d.]+) ([\d.]+) L \1 \2", svg)
    heights = {y for _, y in dots}
    assert len(heights) >= 5


def test_an_image_costs_few_bytes():
    assert len(image_row(IMAGES, list("abcdef"), alt=ALT)._repr_html_()) < 30_000


def test_a_table_turned_round_would_be_seen(monkeypatch):
    upright = rows.confusions
    monkeypatch.setitem(globals(), "confusions", lambda c, alt: upright(np.transpose(c), alt))
    with pytest.raises(AssertionError):
        test_confusions_put_what_it_was_in_rows()

import numpy as np
import pytest

from rnncourse.diagrams.stacks import differences, mask_grids, tower

ALT = "Two grids of squares, some filled and some empty, side by side."


@pytest.mark.parametrize("steps", [2, 4])
def test_a_tower_names_every_state_of_three_layers(steps):
    picture = tower(steps)
    for svg in (picture.wide, picture.narrow):
        for layer in "¹²³":
            for t in range(steps):
                assert f"h{layer}{'₀₁₂₃₄₅₆₇₈₉'[t]}" in svg


def test_a_tower_names_the_four_places():
    for svg in (tower().wide, tower().narrow):
        assert [svg.count(f">{place}<") for place in ("inputs", "between", "state", "outputs")] == [
            1,
            2,
            3,
            1,
        ]


def test_masks_are_drawn_on_page_and_phone_under_their_titles():
    picture = mask_grids({"step": np.eye(3), "sequence": np.ones((3, 3))}, ALT)
    for svg in (picture.wide, picture.narrow):
        assert ">step<" in svg
        assert ">sequence<" in svg
    assert picture.alt == ALT


def squares(svg, face):
    """Squares of a colour: each begins with an M."""
    paths = [piece for piece in svg.split("<path")[1:] if f"fill:{face};" in piece]
    return sum(piece.split('d="')[1].split('"')[0].count("M") for piece in paths)


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_as_many_squares_are_filled_as_are_kept(share):
    mask = np.random.default_rng(0).random((8, 6)) < share
    picture = mask_grids({"one": mask, "two": mask}, ALT)
    assert squares(picture.wide, "#5b2e91") == 2 * mask.sum()


def test_differences_mark_floors_and_ceilings():
    changes = {"one": (0.8, 0.7, 0.9), "two": (0.9, 0.8, 1.0)}
    picture = differences({"right": changes}, ALT, marks=[{"floor": 0.5, "ceiling": 1.0}])
    for svg in (picture.wide, picture.narrow):
        assert "floor" in svg
        assert "ceiling" in svg


def test_differences_name_each_change_and_each_panel():
    changes = {"doors": (1.5, 1.0, 2.0), "floors": (-0.5, -1.0, 0.0)}
    picture = differences({"few": changes, "many": changes}, ALT)
    assert [picture.wide.count(f">{word}<") for word in ("doors", "floors", "few", "many")] == [
        1
    ] * 4
    # Below each other, each panel needs the names.
    assert [picture.narrow.count(f">{word}<") for word in ("doors", "few")] == [2, 1]

import pytest

from rnncourse.diagrams.booths import alone, first_words, taught

SOURCE, TARGET = "i drink milk".split(), "je bois du lait".split()


@pytest.mark.parametrize("draw", [taught, alone])
def test_both_pictures_read_backwards_and_say_the_target(draw):
    picture = draw(SOURCE, TARGET)
    assert "milk drink i" in picture.alt or "same encoder" in picture.alt
    for svg in (picture.wide, picture.narrow):
        assert svg.index(">milk<") < svg.index(">drink<") < svg.index(">i<")
        assert svg.count(">look up<") == 3 + 5
        assert svg.count(">softmax<") == 5
        assert svg.count("&lt;eos&gt;") == svg.count("&lt;go&gt;") == 1


def test_in_training_the_decoder_hears_the_target_and_alone_only_go():
    heard, spoken = (draw(SOURCE, TARGET).wide for draw in (taught, alone))
    for word in TARGET:
        assert heard.count(f">{word}<") == 2
        assert spoken.count(f">{word}<") == 1


def test_bars_name_words_times_and_shares():
    times = {"before": {"je": 0.005, "tu": 0.005}, "after": {"je": 0.9996, "tu": 0.0001}}
    picture = first_words(times, right="je")
    for svg in (picture.wide, picture.narrow):
        for text in ("before", "after", "je", "tu", "0.5%", "100.0%", "under 0.1%"):
            assert f">{text}<" in svg
    assert "after: je 100.0%, tu under 0.1%" in picture.alt

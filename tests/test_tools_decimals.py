import pytest

from tools.decimals import claimed_decimals, decimals, shown_decimals, without_markup


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about 0.5.", {"0.5"}),
        ("(0.25, 0.75)", {"0.25", "0.75"}),
        ("1,234.5 steps", {"1234.5"}),
        ("98.6% and 98.6\\%", {"98.6"}),
        ("−0.25 or -0.75", {"-0.25", "-0.75"}),
        ("0.1-0.5 and 0.1–0.6", {"0.1", "0.5", "0.6"}),
        ("1.5e-07", {"1.5e-7"}),
        (r"$1.5 \times 10^{-7}$ or 2.5·10^{-3}", {"1.5e-7", "2.5e-3"}),
        (r"$12{,}345.6$", {"12345.6"}),
        ("4e-08, 12 and 1.", set()),
        (".5", {"0.5"}),
        ("0.50", {"0.50"}),
        ("version 1.2.3, x[1].y", set()),
        ("2.5× faster, 25.0ms, *0.7*, _0.8_", {"2.5", "25.0", "0.7", "0.8"}),
        (r"$\hat y=0.9\,h$ and `0.3`", {"0.9", "0.3"}),
    ],
)
def test_decimals_are_found_as_tokens(text, found):
    assert decimals(text) == found


@pytest.mark.parametrize(
    "text",
    [
        r"$$h = 1 \tag{3.1}$$",
        "[paper](https://example.org/v1.5/x_(0.5).html)",
        "[paper][1]\n\n[1]: https://example.org/1.5",
        "<https://example.org/1.5>",
        "arXiv:1308.0850 and doi 10.1162/neco.1997.9.8.1735",
        "CC BY 4.0, CC BY-SA 3.0, Apache-2.0",
        "Section 3.2, equation (3.1), Figure 2.4",
        "![a line](data:image/png;base64,AA0.5)",
        '<img src="a.svg" alt="w" width="0.5">',
    ],
)
def test_addresses_references_and_licences_claim_nothing(text):
    assert claimed_decimals(text) == set()


@pytest.mark.parametrize(
    "text", ["<details><summary>Hint</summary>try 0.5</details>", "`0.5`", "$0.5$", "[0.5](a.md)"]
)
def test_hints_code_maths_and_link_texts_do_claim(text):
    assert claimed_decimals(text) == {"0.5"}


def test_the_figure_0_5_is_a_number_and_not_a_reference():
    assert claimed_decimals("the figure 0.5 is low") == {"0.5"}


def test_less_than_and_greater_than_are_no_tags():
    assert claimed_decimals("$a < 0.5$ and $b > 0.7$") == {"0.5", "0.7"}


def test_markup_loses_tags_styles_and_embedded_data():
    text = (
        '<style>p{margin:0.1em}</style><p title="0.2">0.3</p><img src="data:image/png;base64,0.4">'
    )
    assert decimals(without_markup(text)) == {"0.3"}


def test_a_number_may_lose_its_sign_in_the_text_but_not_gain_one():
    assert "0.5" in shown_decimals("array([-0.5])")
    assert "-0.5" not in shown_decimals("array([0.5])")


def test_an_output_without_spaces_is_read_as_a_list_too():
    assert {"1234.5", "234.5"} <= shown_decimals("1,234.5")

"""How numbers are printed."""

import pytest

from readerstudy.analytics import numbers


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (numbers.percent(0.736573), "73.66 %"),
        (numbers.percent(None), "–"),
        (numbers.percent_interval(0.68996, 0.78296), "(69.0 to 78.3)"),
        (numbers.percent_interval(-0.0001, 0.2), "(0.0 to 20.0)"),
        (numbers.percent_interval(None, 0.2), ""),
        (numbers.points(0.17209), "+17.21"),
        (numbers.points(-0.034), "−3.40"),
        (numbers.p_value(5e-12), "< 0.001"),
        (numbers.p_value(0.0517), "0.052"),
        (numbers.degrees(None), "∞"),
        (numbers.seconds(8589), "8.6"),
    ],
)
def test_a_number_is_printed_with_its_unit_and_no_more_digits_than_it_deserves(printed: str, expected: str):
    assert printed == expected

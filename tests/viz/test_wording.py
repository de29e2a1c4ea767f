import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.city.city import City
from netspatial.viz.wording import category_name, facts, number, quantity, service_name


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (0.01234, "0.0123"),
        (1.005, "1.00"),
        (3.14159, "3.14"),
        (42.42, "42.4"),
        (999.4, "999"),
        (12345.6, "12,346"),
        (math.nan, "–"),
    ],
)
def test_numbers_are_written_with_three_digits(value: float, said: str) -> None:
    assert number(value) == said


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_a_written_number_reads_back_as_the_number(value: float) -> None:
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=6e-3)


def test_a_quantity_has_a_unit_if_it_is_finite() -> None:
    assert quantity(2.5, "GB/h") == "2.50 GB/h"
    assert quantity(math.nan, "GB/h") == "–"


def test_services_have_labels() -> None:
    assert [service_name(name) for name in ("total", "sms", "video")] == ["Total", "SMS", "video"]


def test_categories_in_words() -> None:
    said = [category_name(category) for category in ("amenity=fast_food", "cafe", "")]
    assert said == ["fast food", "cafe", ""]


def test_facts_describe_the_size_of_a_city(small_city: City) -> None:
    assert facts(small_city) == (
        "1.5 × 1.5 km · 6 stations · 20 points of interest · 14 days of hourly traffic"
    )

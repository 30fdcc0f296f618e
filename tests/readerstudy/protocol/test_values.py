from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pytest

from readerstudy.protocol.values import plain, read


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Wheel:
    size: int = field(metadata={"range": (1, 9), "unit": "inches"})
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Car:
    name: str
    wheels: tuple[Wheel, ...] = field(default=(), metadata={"singular": "wheel"})
    spare: Wheel | None = None
    new: bool = False
    price: float = 0.0
    doors: int = 4
    tags: tuple[str, ...] = ()
    rows: tuple[tuple[int, ...], ...] = ()
    stock: Mapping[str, int] = field(default_factory=dict)
    grid: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


FULL = {
    "name": "a", "wheels": [{"size": 3, "colour": "blue"}, {"size": 4}], "spare": {"size": 1}, "new": True,
    "price": 2.5, "doors": 2, "tags": ["x"], "rows": [[1, 2], []], "stock": {"here": 1},
    "grid": {"a": {"b": "c"}},
}  # fmt: skip


def faults_of(values, kind=Car, where="car"):
    faults: list[str] = []
    found = read(kind, values, where=where, faults=faults)
    assert (found is None) == bool(faults)
    return faults


def test_full_values_are_read_and_written_back():
    faults: list[str] = []
    car = read(Car, FULL, where="car", faults=faults)
    assert not faults
    assert car == Car(
        name="a", wheels=(Wheel(3, Colour.BLUE), Wheel(4)), spare=Wheel(1), new=True, price=2.5, doors=2, tags=("x",),
        rows=((1, 2), ()), stock={"here": 1}, grid={"a": {"b": "c"}},
    )  # fmt: skip
    assert plain(car) == FULL
    assert type(plain(car)["wheels"][0]["colour"]) is str


def test_what_holds_its_default_is_not_written():
    assert plain(Car("a")) == {"name": "a"}
    assert plain(Car("a", doors=3)) == {"name": "a", "doors": 3}


def test_a_whole_number_given_for_a_fraction_is_read_as_one():
    car = read(Car, {"name": "a", "price": 2}, where="car", faults=[])
    assert type(car.price) is float
    assert car.price == 2.0


def test_nothing_is_read_for_an_absent_optional_table():
    assert read(Car, {"name": "a", "spare": None}, where="car", faults=[]) == Car("a")


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (3, "The car must be a table of values, not 3."),
        ({}, 'The car lacks "name".'),
        ({"name": 3}, "The car has name = 3. Use a text."),
        ({"name": "a", "new": 1}, "The car has new = 1. Use true or false."),
        ({"name": "a", "tag": []}, 'The car has an unknown key "tag". Did you mean "tags"?'),
        (
            {"name": "a", "zzz": []},
            'The car has an unknown key "zzz". Known keys: name, wheels, spare, new, price, doors, tags, rows, stock, '
            "grid.",
        ),
        ({"name": "a", "tags": "x"}, "The car has tags = 'x'. Use a list."),
        ({"name": "a", "tags": [1]}, "The car has tags = 1. Use a text."),
        ({"name": "a", "rows": [1]}, "The car has rows = 1. Use a list."),
        ({"name": "a", "rows": [[1.5]]}, "The car has rows = 1.5. Use a whole number."),
        ({"name": "a", "stock": 1}, "The car has stock = 1. Use a table of names and values."),
        ({"name": "a", "stock": {1: 1}}, "The car has stock = {1: 1}. Use a table of names and values."),
        ({"name": "a", "stock": {" ": 1}}, "The car has stock = {' ': 1}. Use a table of names and values."),
        ({"name": "a", "stock": {"b": 1.5}}, 'The car has stock "b" = 1.5. Use a whole number.'),
        ({"name": "a", "grid": {"b": 1}}, 'The car has grid "b" = 1. Use a table of names and values.'),
        ({"name": "a", "doors": True}, "The car has doors = True. Use a whole number."),
        ({"name": "a", "doors": 2.0}, "The car has doors = 2.0. Use a whole number."),
        ({"name": "a", "price": "2"}, "The car has price = '2'. Use a number."),
        ({"name": "a", "price": float("inf")}, "The car has price = inf. Use a number."),
        ({"name": "a", "price": float("nan")}, "The car has price = nan. Use a number."),
        ({"name": "a", "spare": 3}, "The car's spare must be a table of values, not 3."),
        ({"name": "a", "spare": {"size": 0}}, "The car's spare has size = 0. Use a whole number from 1 to 9 inches."),
        ({"name": "a", "wheels": [{}, 3]}, 'The car, wheel 1 lacks "size".'),
        (
            {"name": "a", "wheels": [{"size": 10}]},
            "The car, wheel 1 has size = 10. Use a whole number from 1 to 9 inches.",
        ),
        (
            {"name": "a", "wheels": [{"size": 9}, {"size": 1, "colour": "green"}]},
            'The car, wheel 2 has colour "green", which is not known. Use one of: red, blue.',
        ),
    ],
)  # fmt: skip
def test_a_fault_names_the_place_the_value_and_the_way_out(values, fault):
    assert faults_of(values)[0] == fault


def test_a_number_beyond_every_float_is_refused_like_any_other():
    assert faults_of({"name": "a", "price": 10**400})[0].endswith("Use a number.")


def test_the_design_itself_is_not_repeated_in_every_place():
    assert faults_of({"name": "a", "wheels": [{}]}, where="design") == ['The wheel 1 lacks "size".']


def test_all_faults_are_told_at_once():
    assert len(faults_of({"nam": 1, "doors": "x", "wheels": [{"size": 0}, {}]})) == 5


def test_faults_of_before_do_not_hide_a_good_value():
    faults = ["something else"]
    assert read(Wheel, {"size": 2}, where="wheel", faults=faults) == Wheel(2)
    assert faults == ["something else"]

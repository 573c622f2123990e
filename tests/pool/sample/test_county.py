"""The people, enterprises and industry of the county hang together and carry valid numbers."""

from itertools import pairwise

from pool.sample.calendar import DAYS, TODAY
from pool.sample.county import County, make_county
from pool.sample.credit_codes import credit_code
from pool.sample.people import HEAD, HOUSEHOLD_SIZES
from pool.sample.scale import COUNTY, SMALL, YEARS
from pool.standards.citizen_id import fault_of_citizen_id
from pool.standards.credit_code import fault_of_credit_code
from pool.standards.organization_code import is_valid_organization_code


def test_every_citizen_id_is_valid_and_given_once(county: County) -> None:
    ids = county.people.ids

    assert [fault_of_citizen_id(citizen_id) for citizen_id in ids] == [None] * SMALL.people
    assert len(set(ids)) == SMALL.people


def test_some_people_came_from_elsewhere_and_most_were_registered_here(county: County) -> None:
    share = sum(citizen_id.startswith("330784") for citizen_id in county.people.ids) / SMALL.people

    assert 0.9 < share < 0.99


def test_every_household_has_one_head_who_comes_first(county: County) -> None:
    people = county.people

    assert len(people.villages) == SMALL.people // 100 * len(HOUSEHOLD_SIZES)
    assert [person for person in range(SMALL.people) if people.roles[person] == HEAD] == list(people.starts[:-1])
    assert all(people.age(head) >= 24 for head in people.starts[:-1])


def test_the_people_of_a_town_are_one_range(county: County) -> None:
    people, places = county.people, county.places

    for number in range(len(places.towns)):
        assert {places.villages[people.village(person)].town for person in people.of_town(number)} == {number}
    assert people.town_starts[0] == 0
    assert people.town_starts[-1] == SMALL.people


def test_every_town_has_villages_and_they_are_the_real_ones(county: County) -> None:
    places = county.places

    assert (len(places.divisions), len(places.towns), len(places.villages)) == (477, 14, 452)
    assert places.towns[3].name == "石柱镇"
    assert all(earlier.villages.stop == later.villages.start for earlier, later in pairwise(places.towns))


def test_every_credit_code_is_valid_and_given_once(county: County) -> None:
    codes = county.enterprises.codes

    assert [fault_of_credit_code(code) for code in codes] == [None] * SMALL.enterprises
    assert all(is_valid_organization_code(code[8:17]) for code in codes)
    assert len(set(codes)) == SMALL.enterprises


def test_no_code_is_given_twice_at_the_scale_of_the_county() -> None:
    assert len({credit_code("91", number) for number in range(COUNTY.enterprises)}) == COUNTY.enterprises


def test_a_founder_is_of_age_when_the_enterprise_is_established(county: County) -> None:
    enterprises, people = county.enterprises, county.people
    pairs = zip(enterprises.legal_persons, enterprises.established, strict=True)

    ages = [int(DAYS[day][:4]) - int(people.ids[person][6:10]) for person, day in pairs if person >= 0]

    assert sum(age >= 20 for age in ages) / len(ages) > 0.98
    assert max(enterprises.established) < TODAY


def test_industry_makes_hardware_in_every_year(county: County) -> None:
    industry = county.industry

    assert [maker.number for maker in industry] == county.enterprises.industrial
    assert len(industry) == SMALL.industrial
    assert all(county.enterprises.industry(maker.number).is_industrial for maker in industry)
    assert all(tuple(year.year for year in maker.years) == YEARS for maker in industry)
    assert all(0 < year.tax < year.added < year.output for maker in industry for year in maker.years)


def test_the_county_is_the_same_every_time(county: County) -> None:
    again = make_county(SMALL)

    assert again.people.ids == county.people.ids
    assert again.enterprises == county.enterprises
    assert again.industry == county.industry

"""In charge of the rows of the yearly tables about industry: output, energy, tax, land, emission.

Faults of real life: missing research expenses and headcounts, years without a reading of gas, parcels without a date.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS, TODAY
from pool.sample.draws import lognormal, one, stream
from pool.sample.enterprises import Enterprises
from pool.sample.industry import IndustrialEnterprise, IndustrialYear
from pool.sample.licence_rows import discharge_permit
from pool.sample.lines import NULL
from pool.sample.places import Places
from pool.sample.scale import YEARS, Scale

_SMALL_TAXES = lognormal(18_000, 1.3)
_GROWTHS = lognormal(1.0, 0.2)
_PURPOSES = ("工业用地",) * 17 + ("仓储用地", "商服用地", "其他用地")

Industry = list[IndustrialEnterprise]


def output_rows(industry: Industry, enterprises: Enterprises, places: Places) -> Iterator[str]:
    """The rows of the table industrial_output, in its order of columns."""
    random = stream("rows", "industrial_output")
    for code, town, year in _years(industry, enterprises, places):
        research = _or_missing(f"{year.research:.2f}", 0.05, random)
        heads = _or_missing(str(year.heads), 0.01, random)
        yield (
            f"{code}\t{year.year}\t{year.output:.2f}\t{year.added:.2f}\t{year.revenue:.2f}\t{research}\t{heads}\t{town}\n"
        )


def energy_rows(industry: Industry, enterprises: Enterprises, places: Places) -> Iterator[str]:
    """The rows of the table energy_use, in its order of columns."""
    random = stream("rows", "energy_use")
    for code, town, year in _years(industry, enterprises, places):
        gas = _or_missing(f"{year.gas:.1f}", 0.02, random)
        yield f"{code}\t{year.year}\t{year.electricity:.1f}\t{gas}\t{year.coal:.3f}\t{town}\n"


def emission_rows(industry: Industry, enterprises: Enterprises, places: Places) -> Iterator[str]:
    """The rows of the table emission, in its order of columns; the permit is one of the table licence."""
    random = stream("rows", "emission")
    for code, town, year in _years(industry, enterprises, places):
        permit = _or_missing(discharge_permit(code), 0.02, random)
        yield f"{code}\t{year.year}\t{year.equivalents:.3f}\t{permit}\t{town}\n"


def land_rows(industry: Industry, enterprises: Enterprises, places: Places) -> Iterator[str]:
    """The rows of the table land_use, in its order of columns."""
    random = stream("rows", "land_use")
    serial = 0
    for maker in industry:
        town = places.towns[enterprises.towns[maker.number]].code
        begun = enterprises.established[maker.number]
        for area in maker.parcels:
            serial += 1
            day = DAYS[begun + int(random.random() * (TODAY - begun))]
            yield (
                f"{town}GB{serial:05d}\t{enterprises.codes[maker.number]}\t{area:.3f}\t{one(random, _PURPOSES)}\t"
                f"{_or_missing(day, 0.03, random)}\t{town}\n"
            )


def tax_rows(industry: Industry, enterprises: Enterprises, places: Places, scale: Scale) -> Iterator[str]:
    """The rows of the table tax_payment, in its order of columns: industry, and of the others so many in a hundred."""
    random = stream("rows", "tax_payment")
    maker_by_number = {maker.number: maker for maker in industry}
    small_ones = scale.taxpayers_per_hundred - scale.industrial_per_hundred
    for first in range(0, scale.enterprises, 100):
        others = [number for number in range(first, first + 100) if number not in maker_by_number]
        oldest = sorted(others, key=lambda number: (enterprises.established[number], number))[:small_ones]
        for number in range(first, first + 100):
            if number in maker_by_number:
                taxes = [year.tax for year in maker_by_number[number].years]
            elif number in oldest:
                taxes = [tax * one(random, _GROWTHS) for tax in [one(random, _SMALL_TAXES)] * len(YEARS)]
            else:
                continue
            town = places.towns[enterprises.towns[number]].code
            for year, tax in zip(YEARS, taxes, strict=True):
                income = tax * (0.15 + 0.25 * random.random())
                added_value = tax * (0.4 + 0.2 * random.random())
                yield f"{enterprises.codes[number]}\t{year}\t{tax:.2f}\t{added_value:.2f}\t{income:.2f}\t{town}\n"


def _years(industry: Industry, enterprises: Enterprises, places: Places) -> Iterator[tuple[str, str, IndustrialYear]]:
    """Credit code, town and figures, enterprise by enterprise and year by year."""
    for maker in industry:
        town = places.towns[enterprises.towns[maker.number]].code
        for year in maker.years:
            yield enterprises.codes[maker.number], town, year


def _or_missing(text: str, chance: float, random: Random) -> str:
    return NULL if random.random() < chance else text

"""In charge of the figures of the industrial enterprises above scale: land, people, output, energy, tax, discharge.

The figures of one enterprise hang together: output grows with land and people, tax and energy with output, so the
per-mu evaluation has something to tell apart. It refuses to know how the tables look.
"""

from dataclasses import dataclass

from pool.sample.draws import lognormal, one, stream
from pool.sample.enterprises import Enterprises
from pool.sample.scale import YEARS

_PARCELS_OF_TWENTY = (0, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 2, 0, 1, 2, 3, 1, 2, 2)
"""How many parcels each of twenty enterprises holds: some rent, most have one."""

_LAND = lognormal(14, 0.9)
_OUTPUT_PER_MU = lognormal(4_200_000, 0.5)
_OUTPUT_PER_HEAD = lognormal(780_000, 0.4)
_KIND = lognormal(1.0, 0.3)
_NOISE = lognormal(1.0, 0.06)
_GROWTH = lognormal(1.04, 0.12)


@dataclass(frozen=True, slots=True)
class IndustrialYear:
    """What an industrial enterprise did in a year: yuan, heads, kilowatt-hours, cubic metres, tons of coal."""

    year: int
    output: float
    added: float
    revenue: float
    research: float
    heads: int
    electricity: float
    gas: float
    coal: float
    tax: float
    equivalents: float


@dataclass(frozen=True, slots=True)
class IndustrialEnterprise:
    """An industrial enterprise by its number, the areas of its parcels in mu, its years from the first on."""

    number: int
    parcels: tuple[float, ...]
    years: tuple[IndustrialYear, ...]


def make_industry(enterprises: Enterprises) -> list[IndustrialEnterprise]:
    """The industrial enterprises above scale, in the order of their numbers."""
    return [
        _make(number, enterprises.employees[number], _PARCELS_OF_TWENTY[place % len(_PARCELS_OF_TWENTY)])
        for place, number in enumerate(enterprises.industrial)
    ]


def parcel_count(industrial: int) -> int:
    """How many parcels so many industrial enterprises hold."""
    return sum(_PARCELS_OF_TWENTY[place % len(_PARCELS_OF_TWENTY)] for place in range(industrial))


def _make(number: int, employees: int, parcels: int) -> IndustrialEnterprise:
    random = stream("industry", str(number))
    land = one(random, _LAND)
    areas = tuple(land * (1.0 if place == 0 else 0.4) for place in range(parcels))
    output = (land * one(random, _OUTPUT_PER_MU) + employees * one(random, _OUTPUT_PER_HEAD)) / 2
    gas_share = 0.0 if random.random() < 0.35 else one(random, _KIND)
    kind = [one(random, _KIND) for _ in range(5)]
    years: list[IndustrialYear] = []
    for year in YEARS:
        output *= one(random, _GROWTH)
        noise = [one(random, _NOISE) for _ in range(6)]
        added = output * 0.21 * kind[0] * noise[0]
        electricity = output * 0.031 * kind[1] * noise[1]
        gas = output * 0.0021 * gas_share * noise[2]
        years.append(
            IndustrialYear(
                year=year,
                output=output,
                added=added,
                revenue=output * (0.7 + 0.3 * noise[4]),
                research=output * 0.024 * kind[2] * noise[4],
                heads=max(int(employees * (0.85 + 0.15 * noise[5])), 10),
                electricity=electricity,
                gas=gas,
                coal=electricity * 0.0001229 + gas * 0.00133,
                tax=added * 0.19 * kind[3] * noise[3],
                equivalents=output * 0.00002 * kind[4] * noise[2],
            )
        )
    return IndustrialEnterprise(number, areas, tuple(years))

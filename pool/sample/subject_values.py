"""In charge of the values of the vocabulary's columns: whom and where a row is about, and what stands beside it.

Columns of one row agree: a name belongs to its id, a village to its town. It refuses to know themes.
"""

from collections.abc import Callable, Mapping

from pool.sample.calendar import DAYS
from pool.sample.drawing import Drawing
from pool.sample.draws import one, pick
from pool.sample.lines import NULL, mobile, sloppy
from pool.sample.person_rows import household_address, household_number

Draw = Callable[[Drawing], list[str]]

_REMARKS = ("已核实", "材料待补", "与原件一致", "电话未接通", "按规定办理", "详见附件", "历史数据补录")
_ATTRIBUTES = (
    '{"材质": "铸铁", "年限": 8}',
    '{"材质": "复合", "编号": "A-17", "已巡检": true}',
    '{"来源": "普查", "照片": 2}',
    '{"版本": "v2", "限流": 200}',
    '{"备注": null}',
)
_TAGS = ("{重点}", "{民生,高频}", "{试点}", "{}", "{重复,超期}", "{数字化}")


def _citizen_ids(drawing: Drawing) -> list[str]:
    ids = drawing.county.people.ids
    return [ids[person] for person in drawing.subjects]


def _person_names(drawing: Drawing) -> list[str]:
    return [drawing.county.people.name(person) for person in drawing.subjects]


def _sexes(drawing: Drawing) -> list[str]:
    return ["21"[int(citizen_id[16]) % 2] for citizen_id in _citizen_ids(drawing)]


def _birth_dates(drawing: Drawing) -> list[str]:
    return [f"{citizen_id[6:10]}-{citizen_id[10:12]}-{citizen_id[12:14]}" for citizen_id in _citizen_ids(drawing)]


def _ages(drawing: Drawing) -> list[str]:
    return [str(drawing.county.people.age(person)) for person in drawing.subjects]


def _phones(drawing: Drawing) -> list[str]:
    return [mobile(drawing.random) for _ in range(drawing.count)]


def _addresses(drawing: Drawing) -> list[str]:
    people, places = drawing.county.people, drawing.county.places
    return [
        sloppy(household_address(people, places, people.households[person]), drawing.random)
        for person in drawing.subjects
    ]


def _household_numbers(drawing: Drawing) -> list[str]:
    return [household_number(drawing.county.people.households[person]) for person in drawing.subjects]


def _credit_codes(drawing: Drawing) -> list[str]:
    codes = drawing.county.enterprises.codes
    return [codes[enterprise] for enterprise in drawing.subjects]


def _enterprise_names(drawing: Drawing) -> list[str]:
    names = drawing.county.enterprises.names
    return [names[enterprise] for enterprise in drawing.subjects]


def _legal_person_names(drawing: Drawing) -> list[str]:
    people, legal_persons = drawing.county.people, drawing.county.enterprises.legal_persons
    numbers = [legal_persons[enterprise] for enterprise in drawing.subjects]
    return [people.name(number) if number >= 0 else NULL for number in numbers]


def _industry_codes(drawing: Drawing) -> list[str]:
    return [drawing.county.enterprises.industry(enterprise).code for enterprise in drawing.subjects]


def _employers(drawing: Drawing) -> list[int]:
    """The same employers for code and name: one of the row's town each."""
    random = drawing.stream("employers")
    by_town = drawing.county.enterprises.by_town
    return [one(random, by_town[town]) for town in drawing.towns]


def _employer_codes(drawing: Drawing) -> list[str]:
    return [drawing.county.enterprises.codes[employer] for employer in _employers(drawing)]


def _employer_names(drawing: Drawing) -> list[str]:
    return [drawing.county.enterprises.names[employer] for employer in _employers(drawing)]


def _villages(drawing: Drawing) -> list[int]:
    """The same villages for code and name: a person's own, else one of the row's town."""
    people, towns = drawing.county.people, drawing.county.places.towns
    if drawing.theme.subject == "people":
        return [people.village(person) for person in drawing.subjects]
    random = drawing.stream("villages")
    return [one(random, towns[town].villages) for town in drawing.towns]


def _village_codes(drawing: Drawing) -> list[str]:
    return [drawing.county.places.villages[village].code for village in _villages(drawing)]


def _village_names(drawing: Drawing) -> list[str]:
    return [drawing.county.places.villages[village].name for village in _villages(drawing)]


def _town_codes(drawing: Drawing) -> list[str]:
    codes = [town.code for town in drawing.county.places.towns]
    return [codes[town] for town in drawing.towns]


def _bank_accounts(drawing: Drawing) -> list[str]:
    number = drawing.random.random
    return [f"6230910299{int(number() * 1_000_000_000):09d}" for _ in range(drawing.count)]


def _longitudes(drawing: Drawing) -> list[str]:
    number = drawing.random.random
    return [f"{119.93 + town * 0.025 + number() * 0.04:.6f}" for town in drawing.towns]


def _latitudes(drawing: Drawing) -> list[str]:
    number = drawing.random.random
    return [f"{28.79 + town * 7 % 14 * 0.024 + number() * 0.04:.6f}" for town in drawing.towns]


def _updated(drawing: Drawing) -> list[str]:
    number = drawing.random.random
    day = DAYS[drawing.period.last_day]
    return [f"{day} {int(number() * 24):02d}:{int(number() * 60):02d}:00+08" for _ in range(drawing.count)]


DRAW_BY_COLUMN: Mapping[str, Draw] = {
    "citizen_id": _citizen_ids,
    "person_name": _person_names,
    "sex": _sexes,
    "birth_date": _birth_dates,
    "age": _ages,
    "phone": _phones,
    "address": _addresses,
    "household_no": _household_numbers,
    "credit_code": _credit_codes,
    "enterprise_name": _enterprise_names,
    "legal_person_name": _legal_person_names,
    "enterprise_phone": _phones,
    "industry_code": _industry_codes,
    "employer_code": _employer_codes,
    "employer_name": _employer_names,
    "village_code": _village_codes,
    "village_name": _village_names,
    "town_code": _town_codes,
    "bank_account": _bank_accounts,
    "longitude": _longitudes,
    "latitude": _latitudes,
    "attributes": lambda drawing: pick(drawing.random, _ATTRIBUTES, drawing.count),
    "tags": lambda drawing: pick(drawing.random, _TAGS, drawing.count),
    "remark": lambda drawing: pick(drawing.random, _REMARKS, drawing.count),
    "updated_at": _updated,
}
"""How each word of the vocabulary is made; a test compares it with `data/vocabulary.csv`."""

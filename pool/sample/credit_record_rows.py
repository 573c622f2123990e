"""In charge of the rows of the table credit_record: what departments decided about enterprises.

Faults of real life: missing scores, facts with full-width digits, decisions against enterprises that are gone by now.
"""

from collections.abc import Iterator
from random import Random

from pool.sample.calendar import DAYS, THREE_YEARS, TODAY
from pool.sample.draws import one, stream, weighted
from pool.sample.enterprises import Enterprises
from pool.sample.lines import NULL, sloppy
from pool.sample.places import Places
from pool.sample.scale import Scale

_KINDS = weighted({"penalty": 11, "commendation": 6, "blacklist": 1, "repair": 2})
_PENALTIES = (
    ("未按规定公示年度报告", "市市场监督管理局"),
    ("生产销售不符合保障人体健康标准的产品", "市市场监督管理局"),
    ("发布虚假广告", "市市场监督管理局"),
    ("未按规定对从业人员进行安全生产教育培训", "市应急管理局"),
    ("未将事故隐患排查治理情况如实记录", "市应急管理局"),
    ("超标排放水污染物", "市生态环境分局"),
    ("未按规定贮存危险废物", "市生态环境分局"),
    ("未按期申报缴纳税款", "市税务局"),
    ("擅自占用城市道路经营", "市综合行政执法局"),
    ("拖欠劳动者工资", "市人力资源和社会保障局"),
    ("未取得建设工程规划许可证进行建设", "市自然资源和规划局"),
)
_COMMENDATIONS = (
    ("纳税信用A级纳税人", "市税务局"),
    ("守合同重信用企业", "市市场监督管理局"),
    ("劳动保障守法诚信A级单位", "市人力资源和社会保障局"),
    ("省级专精特新中小企业", "市经济和信息化局"),
    ("高新技术企业", "市科学技术局"),
)
_BLACKLISTS = (("被列入严重违法失信名单", "市市场监督管理局"), ("被列为失信被执行人", "市发展和改革局"))
_REPAIRS = (("行政处罚信息信用修复", "市发展和改革局"), ("经营异常名录移出", "市市场监督管理局"))
_FACTS_BY_KIND = {"penalty": _PENALTIES, "commendation": _COMMENDATIONS, "blacklist": _BLACKLISTS, "repair": _REPAIRS}
_SCORE_BY_KIND = {"penalty": -5, "commendation": 10, "blacklist": -40, "repair": 3}
_LONGEST_DAYS = 2_100


def credit_record_rows(enterprises: Enterprises, places: Places, scale: Scale) -> Iterator[str]:
    """The rows of the table credit_record, in its order of columns: so many for every hundred enterprises."""
    random = stream("rows", "credit_record")
    for number, subject in enumerate(_subjects(enterprises, scale, random), start=1):
        kind = one(random, _KINDS)
        fact, decided_by = one(random, _FACTS_BY_KIND[kind])
        decided = max(TODAY - 1 - int(random.random() * _LONGEST_DAYS), enterprises.established[subject])
        expires = NULL if kind in {"commendation", "repair"} else DAYS[decided + THREE_YEARS]
        score = NULL if random.random() < 0.03 else _SCORE_BY_KIND[kind] - int(random.random() * 5)
        yield (
            f"XY{DAYS[decided][:4]}330784{number:07d}\t{enterprises.codes[subject]}\t{kind}\t"
            f"{sloppy(_fact(kind, fact, DAYS[decided], random), random)}\t{decided_by}\t{DAYS[decided]}\t{expires}\t"
            f"{score}\t{places.towns[enterprises.towns[subject]].code}\n"
        )


def _subjects(enterprises: Enterprises, scale: Scale, random: Random) -> Iterator[int]:
    """The subject of every record: each industrial enterprise once, the others by chance, of every hundred so many."""
    industrial = set(enterprises.industrial)
    for first in range(0, scale.enterprises, 100):
        makers = [number for number in range(first, first + 100) if number in industrial]
        yield from makers
        for _ in range(scale.credit_records_per_hundred - len(makers)):
            yield first + int(random.random() * 100)


def _fact(kind: str, fact: str, day: str, random: Random) -> str:
    if kind != "penalty":
        return f"{day[:4]}年度：{fact}"
    return f"{int(day[5:7])}月{int(day[8:])}日查实：{fact}，罚款{(1 + int(random.random() * 60)) * 500}元"

"""In charge of the words that made-up people are called by. Nobody is meant."""

from pool.sample.draws import weighted

SURNAMES: list[str] = weighted(
    {
        "胡": 11, "徐": 9, "王": 8, "李": 8, "陈": 8, "应": 8, "吕": 7, "程": 6, "朱": 6, "施": 5, "卢": 5, "章": 4,
        "楼": 4, "周": 4, "金": 4, "黄": 4, "杜": 3, "马": 3, "方": 3, "吴": 3, "林": 3, "夏": 3, "童": 3, "颜": 2,
        "俞": 2, "叶": 2, "张": 4, "刘": 3, "杨": 2, "蒋": 2, "赵": 2, "何": 2, "郑": 2, "孙": 1, "舒": 1, "郎": 1,
        "钱": 1, "高": 1, "潘": 1, "曹": 1, "倪": 1, "池": 1, "田": 1, "厉": 1, "单": 1, "龚": 1, "姚": 1, "欧阳": 1,
    }
)  # fmt: skip
"""Surnames of the county, the frequent ones several times."""

_MALE_FIRST = "建国志文永伟明德光新宏海振福成兴金家俊子天浩宇晓旭云正荣银世景锦东学春林立少小"
_MALE_SECOND = "强军平华勇杰峰涛斌辉鹏飞龙明亮刚波超磊洋伟良生根富贵康敏进阳凯晨轩豪翔宁松泉法"
_FEMALE_FIRST = "美丽秀玉桂春晓小雅梦思佳雨静红爱金彩月凤慧燕雪文欣子诗婷淑翠兰银巧素菊"
_FEMALE_SECOND = "芳英娟燕萍霞玲琴红梅丽娜婷敏洁莹珍花香仙妹芬莉琳怡萱涵妍彤琪瑶蕾娣"

_SHORT = 8
"""How many times likelier each given name of one character is than one of two."""

MALE: list[str] = [
    *(_MALE_SECOND * _SHORT),
    *(first + second for first in _MALE_FIRST for second in _MALE_SECOND if first != second),
]
FEMALE: list[str] = [
    *(_FEMALE_SECOND * _SHORT),
    *(first + second for first in _FEMALE_FIRST for second in _FEMALE_SECOND if first != second),
]

GIVEN: list[str] = [*MALE, *FEMALE]
"""Given names: the men's, then the women's."""

WOMENS = len(MALE)
"""The place in GIVEN where the women's names begin."""

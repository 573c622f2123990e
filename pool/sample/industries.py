"""In charge of what the county's enterprises do: industries of GB/T 4754 with their weight and their words.

Hardware dominates: tools, doors, cups, scooters. It refuses to know single enterprises.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry: how often it occurs, words for names, what such a business may do."""

    code: str
    weight: int
    trades: tuple[str, ...]
    scope: str

    @property
    def is_industrial(self) -> bool:
        """Whether it is one of mining, making or supply (divisions 06 to 46)."""
        return "06" <= self.code[:2] <= "46"


INDUSTRIES = (
    Industry("3311", 7, ("金属制品", "钢结构", "防盗门"), "金属结构制造；金属结构销售；门窗制造加工"),
    Industry("3322", 13, ("工具", "五金工具", "手工具"), "金属工具制造；五金产品批发；货物进出口"),
    Industry("3351", 10, ("门业", "锁业", "五金配件"), "建筑、家具用金属配件制造；门窗销售；五金产品零售"),
    Industry("3382", 12, ("杯业", "不锈钢制品", "厨具"), "金属制日用品制造；日用百货销售；货物进出口"),
    Industry("3465", 12, ("电动工具", "机电", "电器"), "风动和电动工具制造；电动机制造；机械电气设备销售"),
    Industry("3761", 3, ("自行车", "车业"), "自行车制造；自行车及零配件批发"),
    Industry("3770", 6, ("电动车", "休闲车", "车辆"), "助动车制造；非公路休闲车及零配件制造；货物进出口"),
    Industry("3854", 6, ("厨房电器", "电器", "炊具"), "家用电器制造；家用电器销售；模具制造"),
    Industry("2110", 2, ("家具", "木业"), "家具制造；家具销售；木材加工"),
    Industry("2130", 3, ("户外用品", "金属家具"), "家具制造；户外用品销售；货物进出口"),
    Industry("2927", 4, ("塑料制品", "日用品", "塑业"), "塑料制品制造；日用品销售；塑料制品销售"),
    Industry("2451", 2, ("玩具", "智能玩具"), "玩具制造；玩具销售；工艺美术品销售"),
    Industry("3670", 4, ("汽配", "汽车零部件"), "汽车零部件及配件制造；汽车零配件批发"),
    Industry("5211", 14, ("百货", "商贸", "超市"), "日用百货销售；食品销售；服装服饰零售"),
    Industry("5135", 10, ("厨具批发", "日用杂品", "贸易"), "厨具卫具及日用杂品批发；五金产品批发；国内贸易代理"),
    Industry("6110", 3, ("酒店", "宾馆", "民宿"), "住宿服务；餐饮服务；停车场服务"),
    Industry("7259", 3, ("广告", "文化传媒", "设计"), "广告设计、代理；广告制作；平面设计"),
    Industry("0111", 4, ("粮油", "农业", "家庭农场"), "谷物种植；谷物销售；农产品初加工"),
)

FIRST_CHARACTERS = (
    "飞鹰步阳群升王力正泰星月铁牛千禧宏泽恒丰金凯华鼎瑞博安德盛隆道明哈尔斯众新多邦三锋炊大神雕能诚东"
    "南天地长春海江河川山岳云雷电光日红蓝青紫银玉珠宝鸿鹏鹤鸣嘉佳百万亿永久康宁和平顺昌荣富贵国民联合"
)
SECOND_CHARACTERS = (
    "达源发利顺通远航程翔腾辉耀创业盈佳美乐福禄来兴旺成功信义和谐康健强胜杰豪迈奥迪科技特优品居宝龙凤"
    "麟泰丰隆昌盛荣华贵鑫森淼焱磊晶亮明朗清雅洁净丽秀峰岭岩松柏竹梅兰菊锦绣帆舟轮驰骋越跃升威武帅"
)
"""Two characters, one of each, make a brand."""

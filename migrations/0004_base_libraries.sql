-- Reference data that every county platform starts with: the 29 departments, the code lists, and the base libraries
-- (shared entities and the industrial statistics) as governed, catalogued, empty pool tables. Credit codes of departments
-- are made up with valid check digits.
select platform.begin_batch();

insert into catalog.department (code, title, name_en, credit_code, data_about) values
    ('big-data', '市大数据局', 'Big-Data Bureau', '113307844000010021', 'the platform itself: catalog, standards, projects register, web sites'),
    ('public-security', '市公安局', 'Public Security Bureau', '11330784400001379Y', 'population, households, residence permits, vehicles'),
    ('market-regulation', '市市场监督管理局', 'Market Regulation Bureau', '1133078440000174XG', 'enterprises and other market entities, licences, food and product inspection, penalties'),
    ('civil-affairs', '市民政局', 'Civil Affairs Bureau', '1133078440000211XJ', 'marriages, social assistance, social organisations, elderly care'),
    ('human-resources', '市人力资源和社会保障局', 'Human Resources and Social Security Bureau', '11330784400002486K', 'social insurance, employment, labour disputes'),
    ('natural-resources', '市自然资源和规划局', 'Natural Resources and Planning Bureau', '11330784400002857A', 'parcels, real estate, planning permits'),
    ('housing-construction', '市住房和城乡建设局', 'Housing and Construction Bureau', '11330784400003227C', 'construction permits, housing, water and gas supply'),
    ('economy-information', '市经济和信息化局', 'Economy and Information Technology Bureau', '113307844000035938', 'industrial output, energy, per-mu evaluation, parks'),
    ('development-reform', '市发展和改革局', 'Development and Reform Bureau', '11330784400003964Y', 'investment projects, credit records, prices'),
    ('taxation', '市税务局', 'Taxation Bureau', '113307844000043341', 'tax registration and payment'),
    ('finance', '市财政局', 'Finance Bureau', '11330784400004705P', 'budgets, procurement, subsidies'),
    ('education', '市教育局', 'Education Bureau', '11330784400005070Y', 'schools, pupils, teachers'),
    ('health', '市卫生健康局', 'Health Bureau', '11330784400005441M', 'hospitals, practitioners, births, vaccination'),
    ('medical-insurance', '市医疗保障局', 'Medical Insurance Bureau', '11330784400005812C', 'insured persons, settlements'),
    ('science-technology', '市科学技术局', 'Science and Technology Bureau', '11330784400006188M', 'high-tech enterprises, patents, research projects'),
    ('justice', '市司法局', 'Justice Bureau', '11330784400006559C', 'lawyers, notaries, mediation, community correction'),
    ('transport', '市交通运输局', 'Transport Bureau', '1133078440000692XX', 'roads, operators, vehicles, bus and cargo'),
    ('water', '市水务局', 'Water Bureau', '11330784400007295A', 'rivers, reservoirs, river chiefs, water sections, rainfall'),
    ('agriculture', '市农业农村局', 'Agriculture and Rural Affairs Bureau', '113307844000076661', 'village collectives, land contracts, farms'),
    ('commerce', '市商务局', 'Commerce Bureau', '113307844000080363', 'exporters, foreign investment, markets'),
    ('culture-tourism', '市文化和广电旅游体育局', 'Culture, Tourism and Sports Bureau', '11330784400008407R', 'scenic spots, hotels, visitors, venues, heritage'),
    ('emergency', '市应急管理局', 'Emergency Management Bureau', '11330784400008773M', 'hazards, shelters, stores, incidents, work-safety inspections'),
    ('environment', '市生态环境分局', 'Ecology and Environment Branch', '11330784400009143P', 'air and water stations, discharge permits, hazardous waste'),
    ('city-administration', '市综合行政执法局', 'City Administration and Law Enforcement Bureau', '11330784400009514E', 'street components, cases, parking, shop signs'),
    ('statistics', '市统计局', 'Statistics Bureau', '11330784400009880A', 'yearbook indicators, surveys'),
    ('audit', '市审计局', 'Audit Office', '11330784400010259P', 'audit projects; reads the access log'),
    ('veterans', '市退役军人事务局', 'Veterans Affairs Bureau', '1133078440001062X9', 'veterans, benefits'),
    ('government-services', '市行政服务中心', 'Government Service Centre', '11330784400010996A', 'service items, cases handled, satisfaction, certificates issued'),
    ('governance', '市委政法委', 'Political and Legal Affairs Commission', '11330784400011366C', 'grids, grid staff, events, disputes');

insert into catalog.code_list (code, title, standard, version) values
    ('GB/T 2261.1', '人的性别代码', 'GB/T 2261.1-2003', '1'),
    ('GB/T 3304', '中国各民族名称代码', 'GB/T 3304-1991', '1'),
    ('GB/T 4754', '国民经济行业分类（中类，本县常见）', 'GB/T 4754-2017', '1'),
    ('licence-kind', '证照种类', 'YK 01-2026', '1'),
    ('enterprise-status', '市场主体状态', 'YK 02-2026', '1'),
    ('project-stage', '项目阶段', 'YK 03-2026', '1'),
    ('credit-kind', '信用记录类别', 'YK 04-2026', '1'),
    ('division-level', '区划层级', 'YK 05-2026', '1');

insert into catalog.code (list, code, title) values
    ('GB/T 2261.1', '0', '未知的性别'),
    ('GB/T 2261.1', '1', '男性'),
    ('GB/T 2261.1', '2', '女性'),
    ('GB/T 2261.1', '9', '未说明的性别'),
    ('GB/T 3304', '01', '汉族'),
    ('GB/T 3304', '02', '蒙古族'),
    ('GB/T 3304', '03', '回族'),
    ('GB/T 3304', '05', '维吾尔族'),
    ('GB/T 3304', '06', '苗族'),
    ('GB/T 3304', '08', '壮族'),
    ('GB/T 3304', '09', '布依族'),
    ('GB/T 3304', '12', '侗族'),
    ('GB/T 3304', '15', '土家族'),
    ('GB/T 3304', '17', '畲族'),
    ('GB/T 4754', '3311', '金属结构制造'),
    ('GB/T 4754', '3322', '手工具制造'),
    ('GB/T 4754', '3351', '建筑、家具用金属配件制造'),
    ('GB/T 4754', '3382', '金属制餐具和器皿制造'),
    ('GB/T 4754', '3465', '风动和电动工具制造'),
    ('GB/T 4754', '3761', '自行车制造'),
    ('GB/T 4754', '3770', '助动车制造'),
    ('GB/T 4754', '3854', '家用厨房电器具制造'),
    ('GB/T 4754', '2110', '木质家具制造'),
    ('GB/T 4754', '2130', '金属家具制造'),
    ('GB/T 4754', '2927', '日用塑料制品制造'),
    ('GB/T 4754', '2451', '电玩具制造'),
    ('GB/T 4754', '3670', '汽车零部件及配件制造'),
    ('GB/T 4754', '5211', '百货零售'),
    ('GB/T 4754', '5135', '厨具卫具及日用杂品批发'),
    ('GB/T 4754', '6110', '旅游饭店'),
    ('GB/T 4754', '7259', '其他广告服务'),
    ('GB/T 4754', '0111', '稻谷种植'),
    ('licence-kind', 'business', '营业执照'),
    ('licence-kind', 'food', '食品经营许可证'),
    ('licence-kind', 'production', '工业产品生产许可证'),
    ('licence-kind', 'safety', '安全生产许可证'),
    ('licence-kind', 'discharge', '排污许可证'),
    ('licence-kind', 'construction', '建设工程施工许可证'),
    ('licence-kind', 'transport', '道路运输经营许可证'),
    ('enterprise-status', 'active', '存续'),
    ('enterprise-status', 'suspended', '停业'),
    ('enterprise-status', 'revoked', '吊销'),
    ('enterprise-status', 'deregistered', '注销'),
    ('project-stage', 'planned', '储备'),
    ('project-stage', 'approved', '已批复'),
    ('project-stage', 'construction', '在建'),
    ('project-stage', 'completed', '竣工'),
    ('credit-kind', 'commendation', '守信激励'),
    ('credit-kind', 'penalty', '行政处罚'),
    ('credit-kind', 'blacklist', '严重失信'),
    ('credit-kind', 'repair', '信用修复'),
    ('division-level', 'province', '省'),
    ('division-level', 'city', '市'),
    ('division-level', 'county', '县'),
    ('division-level', 'town', '乡镇街道'),
    ('division-level', 'village', '村社区');

insert into catalog.data_element (identifier, title, name_en, definition, data_type, format, value_domain, sensitivity, unit, authoritative_source) values
    ('DE-0001', '公民身份号码', 'citizenId', '公民的唯一、终身不变的号码', 'C', 'c18', 'GB 11643', 3, null, 'public-security'),
    ('DE-0002', '姓名', 'personName', '户籍登记的姓名', 'C', 'c..50', '', 3, null, 'public-security'),
    ('DE-0003', '统一社会信用代码', 'creditCode', '法人和其他组织的唯一标识', 'C', 'c18', 'GB 32100', 1, null, 'market-regulation'),
    ('DE-0004', '企业名称', 'enterpriseName', '登记的名称全称', 'C', 'c..200', '', 1, null, 'market-regulation'),
    ('DE-0005', '行政区划代码', 'divisionCode', '统计用区划代码', 'C', 'n..12', 'GB/T 2260', 1, null, 'civil-affairs'),
    ('DE-0006', '证照编号', 'licenceNumber', '电子证照的编号', 'C', 'c..30', '', 1, null, 'market-regulation'),
    ('DE-0007', '项目代码', 'projectCode', '投资项目统一代码', 'C', 'c24', '', 1, null, 'development-reform'),
    ('DE-0008', '入库税金', 'taxPaid', '当年实际入库税金', 'Y', 'n..18,2', '', 2, 'CNY', 'taxation'),
    ('DE-0009', '工业增加值', 'addedValue', '规模以上工业增加值', 'Y', 'n..18,2', '', 2, 'CNY', 'economy-information'),
    ('DE-0010', '综合能耗', 'energyUse', '折标准煤的能源消费量', 'N', 'n..14,3', '', 2, 'tce', 'economy-information'),
    ('DE-0011', '用地面积', 'landArea', '企业实际占用土地面积', 'N', 'n..12,3', '', 1, 'mu', 'natural-resources');

create schema pool_civil_affairs;
create schema pool_development_reform;
create schema pool_economy_information;
create schema pool_environment;
create schema pool_market_regulation;
create schema pool_natural_resources;
create schema pool_public_security;
create schema pool_taxation;

create table pool_civil_affairs.division (
    code text collate "C" not null,
    name text collate "C" not null,
    level text collate "C" not null,
    parent_code text collate "C",
    town_code text collate "C" generated always as (case when length(code) >= 9 then left(code, 9) end) stored,
    primary key (code)
);
create index on pool_civil_affairs.division (parent_code, code);
create index on pool_civil_affairs.division (town_code, code);
create index on pool_civil_affairs.division (level, code);
select platform.govern('pool_civil_affairs.division', '{code}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('201001', 1, '行政区划', 'civil-affairs', '行政区划基础库，全县共用。', 'unconditional', null, 'open', 'monthly', '2026-01-01', 1, 'civil-affairs', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'civil-affairs', 'division', '行政区划', 'pool_civil_affairs', 'division', 'division', 'Place', '{code}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'code', 'code', '区划代码', 'C', 12, 'text', true, 'unconditional', null, null, 'open', 1, null, 'DE-0005', true, null, false),
    (2, 'name', 'name', '区划名称', 'C', 100, 'text', true, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (3, 'level', 'level', '区划层级', 'C', 10, 'text', true, 'unconditional', null, null, 'open', 1, null, null, false, 'division-level', false),
    (4, 'parent_code', 'parentCode', '上级区划代码', 'C', 12, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (5, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, true)
) as item;

create table pool_public_security.person (
    citizen_id text collate "C" not null,
    name text collate "C" not null,
    sex text collate "C",
    birth_date date,
    ethnicity text collate "C",
    phone text collate "C",
    address text collate "C",
    village_code text collate "C",
    town_code text collate "C",
    household_no text collate "C",
    marital_status text collate "C",
    registered_on date,
    primary key (citizen_id)
);
create index on pool_public_security.person (household_no);
create index on pool_public_security.person (town_code, citizen_id);
create index on pool_public_security.person (name, citizen_id);
create index on pool_public_security.person (village_code, citizen_id);
select platform.govern('pool_public_security.person', '{citizen_id}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('101001', 1, '人口基本信息', 'public-security', '人口基本信息基础库，全县共用。', 'unconditional', null, 'closed', 'daily', '2026-01-01', 1, 'public-security', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'public-security', 'person', '人口基本信息', 'pool_public_security', 'person', 'person', 'Person', '{citizen_id}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'citizen_id', 'citizenId', '公民身份号码', 'C', 18, 'text', true, 'unconditional', null, null, 'closed', 3, 'citizen-id', 'DE-0001', true, null, false),
    (2, 'name', 'name', '姓名', 'C', 50, 'text', true, 'unconditional', null, null, 'closed', 3, 'person-name', 'DE-0002', true, null, false),
    (3, 'sex', 'sex', '性别', 'C', 1, 'text', false, 'unconditional', null, null, 'closed', 2, null, null, false, 'GB/T 2261.1', false),
    (4, 'birth_date', 'birthDate', '出生日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'closed', 3, 'year', null, false, null, false),
    (5, 'ethnicity', 'ethnicity', '民族', 'C', 2, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, 'GB/T 3304', false),
    (6, 'phone', 'phone', '联系电话', 'C', 20, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 3, 'phone', null, false, null, false),
    (7, 'address', 'address', '住址', 'C', 200, 'text', false, 'unconditional', null, null, 'closed', 3, 'address-town', null, false, null, false),
    (8, 'village_code', 'villageCode', '所属村社区代码', 'C', 12, 'text', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false),
    (9, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true),
    (10, 'household_no', 'householdNo', '户号', 'C', 12, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (11, 'marital_status', 'maritalStatus', '婚姻状况', 'C', 10, 'text', false, 'not_shared', null, '《个人信息保护法》第二十八条，敏感个人信息', 'closed', 3, null, null, false, null, false),
    (12, 'registered_on', 'registeredOn', '户籍登记日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false)
) as item;

create table pool_public_security.household (
    household_no text collate "C" not null,
    head_id text collate "C",
    address text collate "C",
    village_code text collate "C",
    town_code text collate "C",
    primary key (household_no)
);
create index on pool_public_security.household (head_id);
create index on pool_public_security.household (town_code, household_no);
select platform.govern('pool_public_security.household', '{household_no}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('101002', 1, '户籍信息', 'public-security', '户籍信息基础库，全县共用。', 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', 'closed', 'daily', '2026-01-01', 1, 'public-security', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'public-security', 'household', '户籍信息', 'pool_public_security', 'household', 'household', 'Household', '{household_no}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'household_no', 'householdNo', '户号', 'C', 12, 'text', true, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (2, 'head_id', 'headId', '户主身份号码', 'C', 18, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 3, 'citizen-id', 'DE-0001', false, null, false),
    (3, 'address', 'address', '地址', 'C', 200, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 3, 'address-town', null, false, null, false),
    (4, 'village_code', 'villageCode', '所属村社区代码', 'C', 12, 'text', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false),
    (5, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

create table pool_market_regulation.enterprise (
    credit_code text collate "C" not null,
    name text collate "C" not null,
    kind text collate "C",
    legal_person_id text collate "C",
    legal_person_name text collate "C",
    industry_code text collate "C",
    registered_capital numeric(18,2),
    established_on date,
    status text collate "C",
    address text collate "C",
    town_code text collate "C",
    phone text collate "C",
    employees integer,
    business_scope text collate "C",
    primary key (credit_code)
);
create index on pool_market_regulation.enterprise (town_code, credit_code);
create index on pool_market_regulation.enterprise (industry_code, credit_code);
create index on pool_market_regulation.enterprise (status, credit_code);
create index on pool_market_regulation.enterprise (legal_person_id);
create index on pool_market_regulation.enterprise (name, credit_code);
create index on pool_market_regulation.enterprise (registered_capital, credit_code);
create index on pool_market_regulation.enterprise (established_on, credit_code);
select platform.govern('pool_market_regulation.enterprise', '{credit_code}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('102001', 1, '法人和其他组织基本信息', 'market-regulation', '法人和其他组织基本信息基础库，全县共用。', 'unconditional', null, 'open', 'daily', '2026-01-01', 1, 'market-regulation', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'market-regulation', 'enterprise', '法人和其他组织基本信息', 'pool_market_regulation', 'enterprise', 'enterprise', 'Enterprise', '{credit_code}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', true, 'unconditional', null, null, 'open', 1, null, 'DE-0003', true, null, false),
    (2, 'name', 'name', '企业名称', 'C', 200, 'text', true, 'unconditional', null, null, 'open', 1, null, 'DE-0004', true, null, false),
    (3, 'kind', 'kind', '主体类型', 'C', 20, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (4, 'legal_person_id', 'legalPersonId', '法定代表人身份号码', 'C', 18, 'text', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 3, 'citizen-id', 'DE-0001', false, null, false),
    (5, 'legal_person_name', 'legalPersonName', '法定代表人姓名', 'C', 50, 'text', false, 'unconditional', null, null, 'open', 3, 'person-name', 'DE-0002', false, null, false),
    (6, 'industry_code', 'industryCode', '行业代码', 'C', 4, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, 'GB/T 4754', false),
    (7, 'registered_capital', 'registeredCapital', '注册资本（元）', 'Y', null::int, 'numeric(18,2)', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (8, 'established_on', 'establishedOn', '成立日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (9, 'status', 'status', '登记状态', 'C', 12, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, 'enterprise-status', false),
    (10, 'address', 'address', '住所', 'C', 200, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (11, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'open', 1, null, 'DE-0005', false, null, true),
    (12, 'phone', 'phone', '联系电话', 'C', 20, 'text', false, 'unconditional', null, null, 'closed', 3, 'phone', null, false, null, false),
    (13, 'employees', 'employees', '从业人数', 'I', null::int, 'integer', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false),
    (14, 'business_scope', 'businessScope', '经营范围', 'M', null::int, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false)
) as item;

create table pool_market_regulation.licence (
    number text collate "C" not null,
    kind text collate "C" not null,
    title text collate "C",
    holder_code text collate "C",
    issuer text collate "C",
    issued_on date,
    valid_until date,
    status text collate "C",
    town_code text collate "C",
    primary key (number)
);
create index on pool_market_regulation.licence (holder_code, number);
create index on pool_market_regulation.licence (town_code, number);
create index on pool_market_regulation.licence (kind, number);
select platform.govern('pool_market_regulation.licence', '{number}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('105001', 1, '电子证照', 'market-regulation', '电子证照基础库，全县共用。', 'unconditional', null, 'open', 'daily', '2026-01-01', 1, 'market-regulation', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'market-regulation', 'licence', '电子证照', 'pool_market_regulation', 'licence', 'licence', 'Licence', '{number}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'number', 'number', '证照编号', 'C', 30, 'text', true, 'unconditional', null, null, 'open', 1, null, 'DE-0006', true, null, false),
    (2, 'kind', 'kind', '证照种类', 'C', 20, 'text', true, 'unconditional', null, null, 'open', 1, null, null, false, 'licence-kind', false),
    (3, 'title', 'title', '证照名称', 'C', 100, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (4, 'holder_code', 'holderCode', '持证主体代码', 'C', 18, 'text', false, 'unconditional', null, null, 'open', 1, null, 'DE-0003', false, null, false),
    (5, 'issuer', 'issuer', '发证机关', 'C', 40, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (6, 'issued_on', 'issuedOn', '发证日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (7, 'valid_until', 'validUntil', '有效期至', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (8, 'status', 'status', '证照状态', 'C', 12, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (9, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, true)
) as item;

create table pool_development_reform.project (
    code text collate "C" not null,
    name text collate "C" not null,
    owner_code text collate "C",
    industry_code text collate "C",
    investment numeric(18,2),
    stage text collate "C",
    approved_on date,
    planned_completion date,
    town_code text collate "C",
    contact_phone text collate "C",
    primary key (code)
);
create index on pool_development_reform.project (owner_code, code);
create index on pool_development_reform.project (town_code, code);
create index on pool_development_reform.project (stage, code);
select platform.govern('pool_development_reform.project', '{code}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('106001', 1, '投资项目', 'development-reform', '投资项目基础库，全县共用。', 'unconditional', null, 'open', 'weekly', '2026-01-01', 1, 'development-reform', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'development-reform', 'project', '投资项目', 'pool_development_reform', 'project', 'project', 'Project', '{code}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'code', 'code', '项目代码', 'C', 24, 'text', true, 'unconditional', null, null, 'open', 1, null, 'DE-0007', true, null, false),
    (2, 'name', 'name', '项目名称', 'C', 200, 'text', true, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (3, 'owner_code', 'ownerCode', '建设单位代码', 'C', 18, 'text', false, 'unconditional', null, null, 'open', 1, null, 'DE-0003', false, null, false),
    (4, 'industry_code', 'industryCode', '行业代码', 'C', 4, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, 'GB/T 4754', false),
    (5, 'investment', 'investment', '总投资（元）', 'Y', null::int, 'numeric(18,2)', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (6, 'stage', 'stage', '项目阶段', 'C', 20, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, 'project-stage', false),
    (7, 'approved_on', 'approvedOn', '批复日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (8, 'planned_completion', 'plannedCompletion', '计划竣工日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (9, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, true),
    (10, 'contact_phone', 'contactPhone', '联系电话', 'C', 20, 'text', false, 'unconditional', null, null, 'closed', 3, 'phone', null, false, null, false)
) as item;

create table pool_development_reform.credit_record (
    number text collate "C" not null,
    subject_code text collate "C",
    kind text collate "C",
    fact text collate "C",
    decided_by text collate "C",
    decided_on date,
    expires_on date,
    score integer,
    town_code text collate "C",
    primary key (number)
);
create index on pool_development_reform.credit_record (subject_code, number);
create index on pool_development_reform.credit_record (town_code, number);
select platform.govern('pool_development_reform.credit_record', '{number}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('104001', 1, '信用记录', 'development-reform', '信用记录基础库，全县共用。', 'unconditional', null, 'open', 'daily', '2026-01-01', 1, 'development-reform', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'development-reform', 'credit_record', '信用记录', 'pool_development_reform', 'credit_record', 'creditRecord', 'CreditRecord', '{number}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'number', 'number', '记录编号', 'C', 30, 'text', true, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (2, 'subject_code', 'subjectCode', '主体代码', 'C', 18, 'text', false, 'unconditional', null, null, 'open', 1, null, 'DE-0003', false, null, false),
    (3, 'kind', 'kind', '信用记录类别', 'C', 20, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, 'credit-kind', false),
    (4, 'fact', 'fact', '事实摘要', 'C', 500, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (5, 'decided_by', 'decidedBy', '认定部门', 'C', 40, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (6, 'decided_on', 'decidedOn', '认定日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (7, 'expires_on', 'expiresOn', '公示截止日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'open', 1, null, null, false, null, false),
    (8, 'score', 'score', '分值', 'I', null::int, 'integer', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (9, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'open', 1, null, null, false, null, true)
) as item;

create table pool_economy_information.industrial_output (
    credit_code text collate "C" not null,
    year integer not null,
    output_value numeric(18,2),
    added_value numeric(18,2),
    revenue numeric(18,2),
    research_expense numeric(18,2),
    average_employees integer,
    town_code text collate "C",
    primary key (credit_code, year)
);
create index on pool_economy_information.industrial_output (year, credit_code);
create index on pool_economy_information.industrial_output (town_code, year);
select platform.govern('pool_economy_information.industrial_output', '{credit_code,year}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('302001', 1, '规模以上工业产出', 'economy-information', '规模以上工业产出基础库，全县共用。', 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', 'closed', 'yearly', '2026-01-01', 1, 'economy-information', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'economy-information', 'industrial_output', '规模以上工业产出', 'pool_economy_information', 'industrial_output', 'industrialOutput', 'IndustrialOutput', '{credit_code,year}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', true, 'unconditional', null, null, 'closed', 1, null, 'DE-0003', false, null, false),
    (2, 'year', 'year', '年度', 'I', null::int, 'integer', true, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (3, 'output_value', 'outputValue', '工业总产值（元）', 'Y', null::int, 'numeric(18,2)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (4, 'added_value', 'addedValue', '工业增加值（元）', 'Y', null::int, 'numeric(18,2)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, 'DE-0009', true, null, false),
    (5, 'revenue', 'revenue', '主营业务收入（元）', 'Y', null::int, 'numeric(18,2)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (6, 'research_expense', 'researchExpense', '研发经费（元）', 'Y', null::int, 'numeric(18,2)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (7, 'average_employees', 'averageEmployees', '年平均职工人数', 'I', null::int, 'integer', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false),
    (8, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

create table pool_economy_information.energy_use (
    credit_code text collate "C" not null,
    year integer not null,
    electricity numeric(14,1),
    gas numeric(14,1),
    standard_coal numeric(14,3),
    town_code text collate "C",
    primary key (credit_code, year)
);
create index on pool_economy_information.energy_use (year, credit_code);
select platform.govern('pool_economy_information.energy_use', '{credit_code,year}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('302002', 1, '工业企业能耗', 'economy-information', '工业企业能耗基础库，全县共用。', 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', 'closed', 'yearly', '2026-01-01', 1, 'economy-information', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'economy-information', 'energy_use', '工业企业能耗', 'pool_economy_information', 'energy_use', 'energyUse', 'EnergyUse', '{credit_code,year}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', true, 'unconditional', null, null, 'closed', 1, null, 'DE-0003', false, null, false),
    (2, 'year', 'year', '年度', 'I', null::int, 'integer', true, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (3, 'electricity', 'electricity', '用电量（千瓦时）', 'N', null::int, 'numeric(14,1)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (4, 'gas', 'gas', '天然气（立方米）', 'N', null::int, 'numeric(14,1)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, null, false, null, false),
    (5, 'standard_coal', 'standardCoal', '综合能耗（吨标准煤）', 'N', null::int, 'numeric(14,3)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, 'DE-0010', true, null, false),
    (6, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

create table pool_taxation.tax_payment (
    credit_code text collate "C" not null,
    year integer not null,
    tax_paid numeric(18,2),
    value_added_tax numeric(18,2),
    income_tax numeric(18,2),
    town_code text collate "C",
    primary key (credit_code, year)
);
create index on pool_taxation.tax_payment (year, credit_code);
select platform.govern('pool_taxation.tax_payment', '{credit_code,year}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('303001', 1, '企业入库税金', 'taxation', '企业入库税金基础库，全县共用。', 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', 'closed', 'yearly', '2026-01-01', 1, 'taxation', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'taxation', 'tax_payment', '企业入库税金', 'pool_taxation', 'tax_payment', 'taxPayment', 'TaxPayment', '{credit_code,year}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', true, 'unconditional', null, null, 'closed', 1, null, 'DE-0003', false, null, false),
    (2, 'year', 'year', '年度', 'I', null::int, 'integer', true, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (3, 'tax_paid', 'taxPaid', '入库税金（元）', 'Y', null::int, 'numeric(18,2)', false, 'conditional', '按事由逐项申请，经大数据局与提供部门两级审核', null, 'closed', 2, null, 'DE-0008', true, null, false),
    (4, 'value_added_tax', 'valueAddedTax', '增值税（元）', 'Y', null::int, 'numeric(18,2)', false, 'not_shared', null, '《税收征收管理法》第八条，纳税人保密权', 'closed', 3, 'null', null, false, null, false),
    (5, 'income_tax', 'incomeTax', '企业所得税（元）', 'Y', null::int, 'numeric(18,2)', false, 'not_shared', null, '《税收征收管理法》第八条，纳税人保密权', 'closed', 3, 'null', null, false, null, false),
    (6, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

create table pool_natural_resources.land_use (
    parcel_no text collate "C" not null,
    credit_code text collate "C",
    area_mu numeric(12,3),
    purpose text collate "C",
    acquired_on date,
    town_code text collate "C",
    primary key (parcel_no)
);
create index on pool_natural_resources.land_use (credit_code, parcel_no);
select platform.govern('pool_natural_resources.land_use', '{parcel_no}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('304001', 1, '企业用地', 'natural-resources', '企业用地基础库，全县共用。', 'unconditional', null, 'closed', 'yearly', '2026-01-01', 1, 'natural-resources', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'natural-resources', 'land_use', '企业用地', 'pool_natural_resources', 'land_use', 'landUse', 'LandUse', '{parcel_no}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'parcel_no', 'parcelNo', '宗地编号', 'C', 20, 'text', true, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (2, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', false, 'unconditional', null, null, 'closed', 1, null, 'DE-0003', false, null, false),
    (3, 'area_mu', 'areaMu', '面积（亩）', 'N', null::int, 'numeric(12,3)', false, 'unconditional', null, null, 'closed', 2, null, 'DE-0011', true, null, false),
    (4, 'purpose', 'purpose', '用途', 'C', 20, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (5, 'acquired_on', 'acquiredOn', '取得日期', 'D', null::int, 'date', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (6, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

create table pool_environment.emission (
    credit_code text collate "C" not null,
    year integer not null,
    equivalents numeric(14,3),
    permit_no text collate "C",
    town_code text collate "C",
    primary key (credit_code, year)
);
create index on pool_environment.emission (year, credit_code);
select platform.govern('pool_environment.emission', '{credit_code,year}');
with entry as (
    insert into catalog.entry (classification, sequence, title, provider, abstract, sharing, sharing_condition, openness, update_cycle, published_on, grade, authoritative_source, status)
    values ('305001', 1, '企业主要污染物排放', 'environment', '企业主要污染物排放基础库，全县共用。', 'unconditional', null, 'closed', 'yearly', '2026-01-01', 1, 'environment', 'published') returning code
), resource as (
    insert into catalog.resource (entry, provider, name, title, schema_name, relation_name, graph_name, type_name, key_columns)
    select code, 'environment', 'emission', '企业主要污染物排放', 'pool_environment', 'emission', 'emission', 'Emission', '{credit_code,year}' from entry returning id
)
insert into catalog.item (resource, position, name, graph_name, title, data_type, length, sql_type, required, sharing, sharing_condition, sharing_ground, openness, grade, mask, element, authoritative, code_list, is_division)
select resource.id, item.* from resource, (values
    (1, 'credit_code', 'creditCode', '统一社会信用代码', 'C', 18, 'text', true, 'unconditional', null, null, 'closed', 1, null, 'DE-0003', false, null, false),
    (2, 'year', 'year', '年度', 'I', null::int, 'integer', true, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (3, 'equivalents', 'equivalents', '排放当量数', 'N', null::int, 'numeric(14,3)', false, 'unconditional', null, null, 'closed', 2, null, null, false, null, false),
    (4, 'permit_no', 'permitNo', '排污许可证编号', 'C', 30, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, false),
    (5, 'town_code', 'townCode', '所属乡镇街道代码', 'C', 9, 'text', false, 'unconditional', null, null, 'closed', 1, null, null, false, null, true)
) as item;

select platform.end_batch('catalog', graph_moved => true);

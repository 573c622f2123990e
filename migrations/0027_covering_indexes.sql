-- The keys of a page come from one index by themselves where all that it is narrowed by stands in it: the codes that a
-- table is most often narrowed by stand in the indexes of each other. A row that is known already is then not read.

create index enterprise_by_town on pool_market_regulation.enterprise (town_code, credit_code)
    include (status, industry_code, kind);
create index enterprise_by_industry on pool_market_regulation.enterprise (industry_code, credit_code)
    include (town_code, status, kind);
create index enterprise_by_status on pool_market_regulation.enterprise (status, credit_code)
    include (town_code, industry_code, kind);
drop index pool_market_regulation.enterprise_town_code_credit_code_idx,
           pool_market_regulation.enterprise_industry_code_credit_code_idx,
           pool_market_regulation.enterprise_status_credit_code_idx;

create index licence_by_town on pool_market_regulation.licence (town_code, number) include (kind);
create index licence_by_kind on pool_market_regulation.licence (kind, number) include (town_code);
drop index pool_market_regulation.licence_town_code_number_idx,
           pool_market_regulation.licence_kind_number_idx;

create index project_by_town on pool_development_reform.project (town_code, code) include (stage);
create index project_by_stage on pool_development_reform.project (stage, code) include (town_code);
drop index pool_development_reform.project_town_code_code_idx,
           pool_development_reform.project_stage_code_idx;

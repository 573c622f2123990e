-- A county that had its figures before the evaluation was derived from them gets it now.
select platform.begin_batch();
select derived.refresh_industry_evaluation();
select platform.end_batch('graph', null, 'industry evaluation');

-- The per-mu evaluation as a derived table: computed when a batch has changed one of its inputs, inside that batch, so that
-- reading it costs no more than any table and its past can be read like any table's.
create schema derived;

create table derived.industry_evaluation (
    credit_code              text collate "C" not null,
    year                     integer not null,
    town_code                text collate "C",
    score                    numeric(8,2) not null,
    rank                     integer not null,
    grade                    text collate "C" not null check (grade in ('A', 'B', 'C', 'D')),
    tax_per_mu               numeric(18,2),
    added_value_per_mu       numeric(18,2),
    added_value_per_coal     numeric(18,2),
    added_value_per_emission numeric(18,2),
    research_share           numeric(12,4),
    productivity             numeric(18,2),
    primary key (credit_code, year)
);
create index on derived.industry_evaluation (year, grade, credit_code);
create index on derived.industry_evaluation (town_code, credit_code, year);
select platform.govern('derived.industry_evaluation', '{credit_code,year}');

-- One row per enterprise above scale and year: what the indicators are made from.
create view derived.industry_figure as
select o.credit_code, o.year, o.town_code, o.output_value, o.added_value, o.revenue, o.research_expense,
       o.average_employees, t.tax_paid, n.standard_coal, m.equivalents, l.area_mu
  from pool_economy_information.industrial_output o
  left join pool_taxation.tax_payment t using (credit_code, year)
  left join pool_economy_information.energy_use n using (credit_code, year)
  left join pool_environment.emission m using (credit_code, year)
  left join (select credit_code, sum(area_mu) as area_mu from pool_natural_resources.land_use group by credit_code) l
       using (credit_code);

-- An indicator as a share of the county's: from 0 to 1.5, 0 where either is unknown.
create function derived.share(value numeric, of_county numeric) returns numeric language sql immutable parallel safe
    return least(greatest(coalesce(value / nullif(of_county, 0), 0), 0), 1.5);

-- Zhejiang's method: six indicators, each as a share of the county's figure of the same year, at most 1.5, weighted and
-- added; the best fifth of a year is grade A, the last twentieth D. The weights are the county's to set.
create view derived.industry_evaluation_now as
with indicator as (
    select f.*,
           tax_paid / nullif(area_mu, 0) as tax_per_mu,
           added_value / nullif(area_mu, 0) as added_value_per_mu,
           added_value / nullif(standard_coal, 0) as added_value_per_coal,
           added_value / nullif(equivalents, 0) as added_value_per_emission,
           research_expense / nullif(revenue, 0) as research_share,
           added_value / nullif(average_employees, 0) as productivity
      from derived.industry_figure f
), county as (
    select year,
           sum(tax_paid) / nullif(sum(area_mu), 0) as tax_per_mu,
           sum(added_value) / nullif(sum(area_mu), 0) as added_value_per_mu,
           sum(added_value) / nullif(sum(standard_coal), 0) as added_value_per_coal,
           sum(added_value) / nullif(sum(equivalents), 0) as added_value_per_emission,
           sum(research_expense) / nullif(sum(revenue), 0) as research_share,
           sum(added_value) / nullif(sum(average_employees), 0) as productivity
      from derived.industry_figure group by year
), scored as (
    select i.*, round(
           35 * derived.share(i.tax_per_mu, c.tax_per_mu)
         + 20 * derived.share(i.added_value_per_mu, c.added_value_per_mu)
         + 15 * derived.share(i.added_value_per_coal, c.added_value_per_coal)
         + 10 * derived.share(i.added_value_per_emission, c.added_value_per_emission)
         + 10 * derived.share(i.research_share, c.research_share)
         + 10 * derived.share(i.productivity, c.productivity), 2) as score
      from indicator i join county c using (year)
)
select credit_code, year, town_code, score,
       (rank() over best)::integer as rank,
       case when percent_rank() over best <= 0.20 then 'A' when percent_rank() over best <= 0.75 then 'B'
            when percent_rank() over best <= 0.95 then 'C' else 'D' end as grade,
       round(tax_per_mu, 2) as tax_per_mu,
       round(added_value_per_mu, 2) as added_value_per_mu,
       round(added_value_per_coal, 2) as added_value_per_coal,
       round(added_value_per_emission, 2) as added_value_per_emission,
       round(research_share, 4) as research_share,
       round(productivity, 2) as productivity
  from scored
window best as (partition by year order by score desc);

create function derived.refresh_industry_evaluation() returns void language plpgsql as $$
begin
    create temporary table fresh_evaluation on commit drop as select * from derived.industry_evaluation_now;
    delete from derived.industry_evaluation kept
     where not exists (select from fresh_evaluation f where (f.credit_code, f.year) = (kept.credit_code, kept.year));
    update derived.industry_evaluation kept set
           (town_code, score, rank, grade, tax_per_mu, added_value_per_mu, added_value_per_coal,
            added_value_per_emission, research_share, productivity)
         = (f.town_code, f.score, f.rank, f.grade, f.tax_per_mu, f.added_value_per_mu, f.added_value_per_coal,
            f.added_value_per_emission, f.research_share, f.productivity),
           __epoch = default
      from fresh_evaluation f
     where (f.credit_code, f.year) = (kept.credit_code, kept.year)
       and (f.town_code, f.score, f.rank, f.grade, f.tax_per_mu, f.added_value_per_mu, f.added_value_per_coal,
            f.added_value_per_emission, f.research_share, f.productivity)
           is distinct from
           (kept.town_code, kept.score, kept.rank, kept.grade, kept.tax_per_mu, kept.added_value_per_mu,
            kept.added_value_per_coal, kept.added_value_per_emission, kept.research_share, kept.productivity);
    insert into derived.industry_evaluation
           (credit_code, year, town_code, score, rank, grade, tax_per_mu, added_value_per_mu, added_value_per_coal,
            added_value_per_emission, research_share, productivity)
    select f.* from fresh_evaluation f
     where not exists (select from derived.industry_evaluation kept
                        where (f.credit_code, f.year) = (kept.credit_code, kept.year));
    drop table fresh_evaluation;
end $$;

-- Inputs note that they have changed; the batch computes anew once, when it closes.
create function derived.note_change() returns trigger language plpgsql as $$
begin
    perform set_config('yishu.moved_' || tg_argv[0], platform.batch_epoch()::text, true);
    return null;
end $$;
create trigger moves_evaluation after insert or update or delete on pool_economy_information.industrial_output
    for each statement execute function derived.note_change('industry_evaluation');
create trigger moves_evaluation after insert or update or delete on pool_taxation.tax_payment
    for each statement execute function derived.note_change('industry_evaluation');
create trigger moves_evaluation after insert or update or delete on pool_economy_information.energy_use
    for each statement execute function derived.note_change('industry_evaluation');
create trigger moves_evaluation after insert or update or delete on pool_environment.emission
    for each statement execute function derived.note_change('industry_evaluation');
create trigger moves_evaluation after insert or update or delete on pool_natural_resources.land_use
    for each statement execute function derived.note_change('industry_evaluation');

-- Before the batch is written down (and the state row is locked), what it has moved is computed.
create function derived.refresh_moved() returns trigger language plpgsql as $$
begin
    if current_setting('yishu.moved_industry_evaluation', true) = new.epoch::text then
        perform derived.refresh_industry_evaluation();
    end if;
    return null;
end $$;
create trigger refresh_derived after insert on platform.batch
    for each row execute function derived.refresh_moved();

-- Budgets: how many units of cost a minute a department, an application, or an application of a department may spend.
-- `level` is what is left at `filled_at`; it fills evenly up to one minute's units. Workers take shares of it ahead.
create table platform.budget (
    id          bigint generated always as identity primary key,
    department  text,                                                    -- null: whichever; empty: the public
    application text check (application <> ''),                          -- null: whichever
    per_minute  bigint not null check (per_minute between 1 and 1000000000000),
    level       double precision not null check (level >= 0),
    filled_at   timestamptz not null default clock_timestamp(),
    unique nulls not distinct (department, application),
    check (department is not null or application is not null)
);

-- Takes what is wanted if there is so much, else what is needed, else nothing, and tells what is there afterwards.
-- No row: there is no such budget any more.
create function platform.take_units(budget_id bigint, needed bigint, wanted bigint)
    returns table (taken bigint, available double precision) language plpgsql as $$
declare
    kept platform.budget;
    now_at timestamptz;
begin
    select * into kept from platform.budget where id = budget_id for update;
    if not found then
        return;
    end if;
    now_at := clock_timestamp();
    available := least(kept.per_minute, kept.level
        + greatest(0, extract(epoch from now_at - kept.filled_at)) * kept.per_minute / 60.0);
    taken := case when available >= wanted then wanted when available >= needed then needed else 0 end;
    available := available - taken;
    update platform.budget set level = available, filled_at = now_at where id = budget_id;
    return next;
end $$;

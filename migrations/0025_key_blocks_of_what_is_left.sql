-- As 0024_key_blocks.sql, but records that an operator has taken out of the log since no longer stop what comes after them.

-- Puts the oldest records that wait into a block, if there are as many as `enough_records`, or they show as many keys as
-- `enough_keys`. Returns how many it put there: 0 also while somebody else makes one.
create or replace function log.make_key_block(enough_records int, enough_keys bigint) returns int language plpgsql as $$
declare
    taken   uuid[];
    weight  bigint;
    most    constant int := 8192;  -- places are two bytes
begin
    if not pg_try_advisory_xact_lock(hashtextextended('yishu.key_block', 0)) then
        return 0;
    end if;
    with waiting as materialized (
        select ctid as at, records[1] as oldest, cardinality(records) as records, shown
          from log.recent order by records[1] limit enough_records
    ), counted as (
        select at, sum(records) over before - records as records_before, sum(shown) over before - shown as shown_before,
               sum(records) over () as records, sum(shown) over () as shown
          from waiting window before as (order by oldest, at)
    ), gone as (
        delete from log.recent using counted
         where recent.ctid = counted.at and records_before < enough_records and shown_before < enough_keys
           and (counted.records >= enough_records or counted.shown >= enough_keys)
        returning recent.records, recent.shown
    )
    select array_agg(id order by id), (select sum(shown) from gone) into taken, weight from gone, unnest(records) as id;
    if taken is null then
        return 0;
    end if;
    if cardinality(taken) > most then
        insert into log.recent (records, shown)
        values (taken[most + 1:], weight * (cardinality(taken) - most) / cardinality(taken));
        taken := taken[:most];
    end if;
    insert into log.key_block (newest, records, earliest, latest, prints)
    select taken[cardinality(taken)], taken, min(at), max(at), log.key_prints(taken)
      from log.record where id = any(taken)
    having count(*) > 0;
    return cardinality(taken);
end $$;

-- Blocks of keys made in pieces, each by a short statement of its own, so that whoever makes one can rest in between and
-- holds no table meanwhile. One of 4,096 records takes 20 ms of a processor, one of 100,000 keys 175: where two processors
-- were busy, statements that append waited as long as the scheduler lets one go on, 3 to 4 ms each. log.make_key_block
-- (0025) stays for servers of the versions before; whoever makes a block holds the lock that it takes.

-- The oldest records that wait, ascending, if there are as many as `enough_records`, or they show as many keys as
-- `enough_keys`, and the rows of log.recent that they are in; no row if not. Of very many that wait not all are read. What
-- is in a row too large for a block is divided first.
create function log.oldest_waiting(enough_records int, enough_keys bigint)
returns table (places text, taken uuid[]) language plpgsql as $$
declare
    most constant int := 4096;  -- twice as many are the most that a block may have: places are two bytes
    read constant int := enough_records * 3;
    seen record;
begin
    select sum(cardinality(records)) as records, sum(shown) as shown, max(cardinality(records)) as largest into seen
      from (select records, shown from log.recent limit read) as waiting;
    if seen.largest > most then
        with large as (
            delete from log.recent where cardinality(records) > most returning records, shown
        ), parted as (
            select id, records[1] as first, shown::numeric / cardinality(records) as shown,
                   (row_number() over (partition by records[1] order by id) - 1) / 1000 as part
              from large, unnest(records) as id
        )
        insert into log.recent (records, shown)
        select array_agg(id order by id), sum(parted.shown)::bigint from parted group by first, part;
    end if;
    if seen.records >= enough_records or seen.shown >= enough_keys then
        return query
        with waiting as (
            select ctid as at, records, shown from log.recent limit read
        ), counted as (
            select at, records, sum(cardinality(records)) over before - cardinality(records) as records_before,
                   sum(shown) over before - shown as shown_before
              from (select * from waiting order by records[1] limit enough_records) as oldest
            window before as (order by records[1], at)
        ), oldest as (
            select at, records from counted where records_before < enough_records and shown_before < enough_keys
        )
        select array_agg(at)::text, array(select id from oldest, unnest(records) as id order by id) from oldest;
    end if;
end $$;

-- The fingerprints of some records of a block, the first of them at the place `first`: null where a key has no text, or
-- they are more than a value can hold. And when the records were, and how long this took.
create function log.key_prints(
    records uuid[], first int, out prints bytea, out earliest timestamptz, out latest timestamptz, out took_us int
) language plpgsql stable set enable_mergejoin = off set enable_hashjoin = off as $$
declare
    begun constant timestamptz := clock_timestamp();
begin
    select min(at), max(at) into earliest, latest from log.record where id = any(records);
    begin
        prints := coalesce((
            select string_agg(distinct print, ''::bytea order by print)
              from (select log.key_print(shown.key) || int2send((first - 1 + taken.place)::smallint) as print
                      from unnest(records) with ordinality as taken(id, place)
                      join log.record on record.id = taken.id
                     cross join lateral (
                          select kept.key
                            from json_array_elements(case json_typeof(record.keys) when 'array' then record.keys end)
                                 as node(keys), json_array_elements_text(node.keys) as kept(key)
                           union all
                          select kept.key
                            from log.key_part as part, json_array_elements_text(part.keys) as kept(key)
                           where json_typeof(record.keys) = 'object' and part.record = record.id) as shown) as printed), '');
    exception when data_exception or program_limit_exceeded then
        prints := null;
    end;
    took_us := extract(epoch from clock_timestamp() - begun) * 1000000;
end $$;

-- Puts what log.oldest_waiting() gave into a block. If that does not wait any more as it did, nothing is changed.
create function log.put_key_block(
    places text, taken uuid[], prints bytea, earliest timestamptz, latest timestamptz
) returns void language plpgsql as $$
declare
    gone uuid[];
begin
    with deleted as (
        delete from log.recent where ctid = any(places::tid[]) returning records
    )
    select array_agg(id order by id) into gone from deleted, unnest(records) as id;
    if gone is distinct from taken then
        raise exception 'records that waited for a block wait no more' using errcode = 'serialization_failure';
    end if;
    if earliest is not null then  -- else they have been taken out of the log
        insert into log.key_block (newest, records, earliest, latest, prints)
        values (taken[cardinality(taken)], taken, put_key_block.earliest, put_key_block.latest, put_key_block.prints);
    end if;
end $$;

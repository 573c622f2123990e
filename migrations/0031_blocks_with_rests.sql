-- Blocks of keys made with rests. One of 4,096 records takes 20 ms of a processor, one of 100,000 keys 175: where two
-- processors were busy, statements that append waited meanwhile as long as the scheduler lets one go on, 3 to 4 ms each.

-- Rests so many times as long as has been worked, if others may have waited meanwhile. Returns since when there is work.
create function log.rest(times double precision, worked_since timestamptz) returns timestamptz language plpgsql as $$
declare
    worked_s constant double precision := extract(epoch from clock_timestamp() - worked_since);
begin
    if times = 0 or worked_s < 0.0003 then
        return worked_since;
    end if;
    perform pg_sleep(times * worked_s);
    return clock_timestamp();
end $$;

-- As log.key_prints(records) of 0024, of records that show so many keys, resting after each third of a millisecond `rests`
-- times as long. What a record and a key take, in seconds, is an estimate: it need not be right to be a rest.
create function log.key_prints(records uuid[], weight bigint, rests double precision) returns bytea
language plpgsql volatile set enable_mergejoin = off set enable_hashjoin = off as $$
declare
    each  constant double precision := 4e-6 + 2e-6 * weight / greatest(cardinality(records), 1);
    often constant int := greatest(0.00033 / each, 1);
    rest  constant double precision := rests * often * each;
begin
    return coalesce((
        select string_agg(distinct print, ''::bytea order by print)
          from (select log.key_print(shown.key) || int2send(taken.place::smallint) as print
                  from unnest(records) with ordinality as taken(id, place)
                  join log.record on record.id = taken.id
                 cross join lateral (
                      select kept.key
                        from json_array_elements(case json_typeof(record.keys) when 'array' then record.keys end)
                             as node(keys), json_array_elements_text(node.keys) as kept(key)
                       union all
                      select kept.key
                        from log.key_part as part, json_array_elements_text(part.keys) as kept(key)
                       where json_typeof(record.keys) = 'object' and part.record = record.id) as shown
                 where rests = 0 or taken.place % often <> 0 or pg_sleep(rest) is not null) as printed), '');
exception when data_exception or program_limit_exceeded then
    return null;
end $$;

-- As 0025, with rests, and of very many that wait not all are read for each block. That of 0025 stays for servers of the
-- versions before.
create function log.make_key_block(enough_records int, enough_keys bigint, rests double precision) returns int
language plpgsql set enable_mergejoin = off set enable_hashjoin = off as $$
declare
    since   timestamptz := clock_timestamp();
    read    constant int := enough_records * 3;
    most    constant int := 8192;  -- places are two bytes
    waiting record;
    many    int;
    rows    tid[];
    gone    record;
    taken   uuid[] := '{}';
    weight  bigint := 0;
    printed bytea;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('yishu.key_block', 0)) then
        return 0;
    end if;
    select count(*) as rows, sum(cardinality(records)) as records, sum(shown) as shown into waiting
      from (select records, shown from log.recent limit read) as seen;
    if waiting.rows = 0 or waiting.records < enough_records and waiting.shown < enough_keys then
        return 0;
    end if;
    since := log.rest(rests, since);
    rows := array(select at from (select ctid as at, records[1] as oldest from log.recent limit read) as seen
                   order by oldest limit enough_records);
    many := greatest(least(128, enough_records) * waiting.rows / waiting.records, 1);  -- at a time
    for begun in 1..cardinality(rows) by many loop
        exit when cardinality(taken) >= enough_records or weight >= enough_keys;
        since := log.rest(rests, since);
        with deleted as (
            delete from log.recent where ctid = any(rows[begun:begun + many - 1]) returning records, shown
        )
        select array(select unnest(records) from deleted) as records, sum(shown) as shown into gone from deleted;
        taken := taken || gone.records;
        weight := weight + coalesce(gone.shown, 0);
    end loop;
    taken := array(select unnest(taken) order by 1);
    if cardinality(taken) > most then
        insert into log.recent (records, shown)
        values (taken[most + 1:], weight * (cardinality(taken) - most) / cardinality(taken));
        taken := taken[:most];
    end if;
    since := log.rest(rests, since);
    printed := log.key_prints(taken, weight, rests);
    since := log.rest(rests, clock_timestamp() - interval '1 ms');  -- about what sorting them took
    insert into log.key_block (newest, records, earliest, latest, prints)
    select taken[cardinality(taken)], taken, min(at), max(at), printed
      from unnest(taken) with ordinality as one(id, place)
      join log.record on record.id = one.id
     where rests = 0 or one.place % 256 <> 0 or pg_sleep(rests * 0.0003) is not null
    having count(*) > 0;
    return cardinality(taken);
end $$;

-- Which records showed a key, without reading them all. Appending notes a group's records in log.recent, nothing for each
-- key. Later and beside the answers they are put into blocks, and a block is told from the others by its fingerprints.
-- Both tables are derived from the log and may be made again from it at any time (docs/log.md, "Finding a key").

-- Records that are in no block yet: a row for each statement that appended some, and how many keys they show.
create table log.recent (
    records uuid[] not null,
    shown   bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

-- Records, ascending, when they were, and their fingerprints: for each key shown by each record six bytes, the key's and
-- the record's place in the block from 1, ascending, each once. null: nothing is known of their keys.
create table log.key_block (
    newest   uuid primary key,
    records  uuid[] not null,
    earliest timestamptz not null,
    latest   timestamptz not null,
    prints   bytea
);
alter table log.key_block alter column records set storage external, alter column prints set storage external;

create function log.note_recent() returns trigger language plpgsql as $$
begin
    insert into log.recent (records, shown)
    select array_agg(id), sum(shown) from new_records having count(*) > 0;
    return null;
end $$;
create trigger note_recent after insert on log.record referencing new table as new_records
    for each statement execute function log.note_recent();

insert into log.recent (records, shown)
select array_agg(id), sum(shown)
  from (select id, shown, row_number() over (order by id) / 1000 as part from log.record) as parted
 group by part;

-- The fingerprint of a key: one by which two keys are seldom taken for one another. Whoever is taken for another is read.
create function log.key_print(key text) returns bytea language sql immutable strict parallel safe
    return substring(sha256(convert_to(key, 'UTF8')) from 1 for 4);

create function log.key_prints(records uuid[]) returns bytea language plpgsql stable
set enable_mergejoin = off set enable_hashjoin = off as $$
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
                       where json_typeof(record.keys) = 'object' and part.record = record.id) as shown) as printed), '');
exception when data_exception or program_limit_exceeded then
    return null;  -- keys that no text can hold, or more than a value can hold fingerprints of
end $$;

-- Puts the oldest records that wait into a block, if there are as many as `enough_records`, or they show as many keys as
-- `enough_keys`. Returns how many it put there: 0 also while somebody else makes one.
create function log.make_key_block(enough_records int, enough_keys bigint) returns int language plpgsql as $$
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
      from log.record where id = any(taken);
    return cardinality(taken);
end $$;

-- The first places at which a block's fingerprints have this one, null if none has. Different ones are spread evenly, so
-- that mostly a small window around where it is expected holds it, and nothing else is read. Where it does not, because some
-- keys are shown by many records, the window is looked for by halves.
create function log.places(prints bytea, print bytea, most int) returns int[]
language plpgsql immutable strict parallel safe as $$
declare
    entries constant int := octet_length(prints) / 6;
    number  constant bigint := (get_byte(print, 0)::bigint << 24) + (get_byte(print, 1) << 16)
                               + (get_byte(print, 2) << 8) + get_byte(print, 3);
    margin  constant int := 8 + (2 * sqrt(entries))::int;
    first   int   := greatest(((number * entries) >> 32)::int - margin, 0);
    part    bytea := substring(prints from first * 6 + 1 for margin * 12);
    last    int   := entries;
    middle  int;
begin
    if first > 0 and substring(part from 1 for 4) >= print
       or first + margin * 2 < entries and substring(part from octet_length(part) - 5 for 4) <= print then
        first := 0;
        while first < last loop
            middle := (first + last) / 2;
            if substring(prints from middle * 6 + 1 for 4) < print then
                first := middle + 1;
            else
                last := middle;
            end if;
        end loop;
        part := substring(prints from first * 6 + 1 for most * 6);
    end if;
    if position(print in part) = 0 then
        return null;
    end if;
    return array(
        select (get_byte(part, entry + 4) << 8) + get_byte(part, entry + 5)
          from generate_series(0, octet_length(part) - 6, 6) as entry
         where substring(part from entry + 1 for 4) = print
         limit most);
end $$;

-- The newest of some records that pass all filters, newest first; what is null is not asked. The raw text of the keys tells
-- most of those without the key apart before any is expanded: JSON strings stand in it as to_json writes them, composite
-- keys as they are given.
create function log.showing_among(
    candidates uuid[], sought text, coordinate_sought text, department_sought text, since timestamptz, until timestamptz,
    most int
) returns setof uuid language sql stable as $$
    select record.id
      from log.record
     where record.id = any(candidates)
       and (department_sought is null or record.department = department_sought)
       and (since is null or record.at >= since)
       and (until is null or record.at < until)
       and (position(sought in record.keys::text) > 0 or position(to_json(sought)::text in record.keys::text) > 0
            or json_typeof(record.keys) = 'object' and (
                select true from log.key_part as part
                 where part.record = record.id
                   and (position(sought in part.keys::text) > 0
                        or position(to_json(sought)::text in part.keys::text) > 0)
                 limit 1))
       and exists (
           select from log.resolved_field as field
            where field.operation_id = record.id
              and (coordinate_sought is null or field.coordinate = coordinate_sought)
              and field.key = sought)
     order by record.id desc
     limit most
$$;

-- The newest records that show a key and pass all other filters, newest first. Blocks are gone through from the newest
-- back until no older one can have a newer record. One snapshot for all that is read: no record is between its places.
create function log.showing(
    sought text, coordinate_sought text, department_sought text, since timestamptz, until timestamptz, most int
) returns setof uuid language plpgsql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
    print constant bytea := log.key_print(sought);
    many  constant int   := 256;  -- in one block, of which the newest are then gone through until there are enough
    candidates uuid[] := array(select unnest(records) from log.recent);
    found uuid[] := array(
        select log.showing_among(candidates, sought, coordinate_sought, department_sought, since, until, most));
    block record;
begin
    for block in
        select newest, records, places
          from log.key_block, log.places(prints, print, many) as places
         where (since is null or latest >= since) and (until is null or earliest < until)
           and (prints is null or places is not null)
         order by newest desc
    loop
        exit when cardinality(found) >= most and found[most] >= block.newest;
        candidates := block.records;
        if cardinality(block.places) < many then
            candidates := array(select id from unnest(candidates) with ordinality as one(id, place)
                                 where place::int = any(block.places));
        end if;
        found := array(
            select id
              from (select unnest(found)
                    union all
                    select log.showing_among(
                        candidates, sought, coordinate_sought, department_sought, since, until, most)) as merged(id)
             order by id desc limit most);
    end loop;
    return query select unnest(found);
end $$;

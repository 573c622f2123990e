-- What a search in the graph looks through for keys instead of all records (docs/log.md, "Finding a key"). Of what is in no
-- block yet those that do show one; of a block those whose fingerprint is that of one.

-- The records that may show one of some keys, the newest first; null if that is not worth it: if they are more than `most`,
-- or the keys so many that reading everything takes no longer. With no `most` it is worth it always.
create function log.holding_up_to(sought text[], most int) returns uuid[] language plpgsql stable
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
    whole   constant int     := 8192;  -- as many as a block can have
    many    constant int     := 100;
    few     constant int     := 4;  -- for more, what is in no block yet is read once and not for each
    wanted  constant text[]  := array(select distinct key from unnest(sought) as key where key is not null);
    asked   constant bytea[] := array(select log.key_print(key) from unnest(wanted) as key);
    recent  constant uuid[]  := array(select unnest(records) from log.recent);
    held    uuid[];
    block   record;
begin
    if most is not null and cardinality(wanted) > many then
        return null;
    elsif cardinality(wanted) <= few then
        held := array(
            select shown
              from unnest(wanted) as key, log.showing_among(recent, key, null, null, null, null, most + 1) as shown
             order by shown desc);
    else
        held := array(
            select record.id
              from log.record
             where record.id = any(recent)
               and exists (select from log.resolved_field as field
                            where field.operation_id = record.id and field.key = any(wanted))
             order by record.id desc
             limit most + 1);
    end if;
    for block in
        select key_block.newest, records, prints, places
          from log.key_block, unnest(asked) as print, log.places(prints, print, whole) as places
         where prints is null or places is not null
         order by key_block.newest desc
    loop
        exit when cardinality(held) > most;
        held := held || case
            when block.prints is null then array(select unnest(block.records) as id order by id desc)
            else array(select block.records[place] as id from unnest(block.places) as place order by id desc) end;
    end loop;
    return case when most is null or cardinality(held) <= most then held end;
end $$;

-- All of them, however many: what is common when a statement is planned need not be so when it runs, and the reverse.
create function log.holding(sought text[]) returns uuid[] language sql stable
    return log.holding_up_to(sought, null);

-- Whether looking for them is not worth it. Declared immutable, which it is not, so that the planner asks it once for the
-- values at hand and leaves out what is then not needed: any answer is right, one that is not of today only slower.
create function log.is_common(sought text[]) returns boolean language sql immutable
    return log.holding_up_to(sought, 20000) is null;

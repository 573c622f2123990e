-- The records that may show one of some keys, the newest first: what a search in the graph looks through instead of all
-- (docs/log.md, "Finding a key"). Of what is in no block yet those that do show one; of a block those whose fingerprint is
-- that of one. null for keys that more than so many records show: some of these are soon found without looking for them.
create function log.holding(sought text[]) returns uuid[] language plpgsql stable strict
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
    most   constant int     := 20000;
    whole  constant int     := 8192;  -- as many as a block can have
    asked  constant bytea[] := array(select log.key_print(key) from unnest(sought) as key where key is not null);
    recent constant uuid[]  := array(select unnest(records) from log.recent);
    held   uuid[] := array(
        select shown
          from unnest(sought) as key, log.showing_among(recent, key, null, null, null, null, most + 1) as shown
         order by shown desc);
    block  record;
begin
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
    return case when cardinality(held) <= most then held end;
end $$;

-- Whether looking for them is not worth it. Declared immutable, which it is not, so that the planner asks it once for the
-- values at hand and leaves out what is then not needed: any answer is right, one that is not of today only slower.
create function log.is_common(sought text[]) returns boolean language sql immutable parallel safe
    return log.holding(sought) is null;

-- What a batch has changed can be told: which tables it touched, which of their rows are newer than an epoch, and what a
-- row was before.

create table platform.touched (
    epoch         bigint not null,
    schema_name   text not null,
    relation_name text not null,
    primary key (epoch, schema_name, relation_name)
);

create function platform.note_touched() returns trigger language plpgsql as $$
begin
    insert into platform.touched (epoch, schema_name, relation_name)
    values (platform.batch_epoch(), tg_table_schema, tg_table_name) on conflict do nothing;
    return null;
end $$;

create or replace function platform.govern(relation regclass, key text[]) returns void language plpgsql as $$
declare arguments text := (select string_agg(quote_literal(name), ', ') from unnest(key) as name);
begin
    execute format('alter table %s add column __epoch bigint not null', relation);
    execute format('alter table %s alter column __epoch set default platform.batch_epoch()', relation);
    execute format('create trigger keep_updated after update on %s referencing old table as old_rows
                    for each statement execute function platform.keep_history(%s)', relation, arguments);
    execute format('create trigger keep_deleted after delete on %s referencing old table as old_rows
                    for each statement execute function platform.keep_history(%s)', relation, arguments);
    execute format('create trigger note_touched after insert or update or delete on %s
                    for each statement execute function platform.note_touched()', relation);
end $$;

do $$
declare governed regclass;
begin
    for governed in
        select tgrelid::regclass from pg_trigger
         where tgname = 'keep_updated' and tgfoid = 'platform.keep_history()'::regprocedure
    loop
        execute format('create trigger note_touched after insert or update or delete on %s
                        for each statement execute function platform.note_touched()', governed);
    end loop;
end $$;

-- Of what was changed before, only that it may have been is known.
insert into platform.touched (epoch, schema_name, relation_name)
select data_epoch, nspname, relname
  from platform.state, pg_trigger
  join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
 where tgname = 'note_touched';

create index history_by_epoch on platform.history (to_epoch, schema_name, relation_name);

-- Few pages of the large tables hold rows of the newest epochs. This kind of index finds them, costs a load nothing, and
-- leaves updates as cheap as they were.
create index on pool_public_security.person using brin (__epoch) with (pages_per_range = 32);
create index on pool_public_security.household using brin (__epoch) with (pages_per_range = 32);
create index on pool_market_regulation.enterprise using brin (__epoch) with (pages_per_range = 32);
create index on pool_market_regulation.licence using brin (__epoch) with (pages_per_range = 32);
create index on pool_development_reform.credit_record using brin (__epoch) with (pages_per_range = 32);

-- A row of the history as a row of its table. Where its JSON holds what no text can (NUL, half a surrogate pair), U+FFFD
-- stands for it: one hostile value must not keep a table's changes from being told.
create function platform.past_row(shape anyelement, past json) returns anyelement language plpgsql stable as $$
begin
    return json_populate_record(shape, past);
exception when data_exception then
    return json_populate_record(
        shape, regexp_replace(past::text, '\\u(0000|d[89a-f][0-9a-f]{2})', '\ufffd', 'gi')::json);
end $$;

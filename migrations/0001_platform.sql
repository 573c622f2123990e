-- The platform's state row, batches with data epochs, and the history of replaced and deleted rows.
create schema platform;

-- One row. Every answer is validated against it in the transaction that makes its record durable.
create table platform.state (
    one            boolean primary key default true check (one),
    policy_version bigint not null default 0,
    graph_version  bigint not null default 0,
    data_epoch     bigint not null default 0
) with (fillfactor = 10);
insert into platform.state default values;

create table platform.batch (
    epoch        bigint primary key,
    kind         text not null check (kind in ('collection', 'catalog', 'policy', 'graph')),
    provider     text,
    source       text,
    started_at   timestamptz not null,
    committed_at timestamptz not null default clock_timestamp(),
    inserted     bigint not null default 0,
    updated      bigint not null default 0,
    deleted      bigint not null default 0,
    rejected     bigint not null default 0
);

create table platform.history (
    schema_name   text not null,
    relation_name text not null,
    key           jsonb not null,
    row           jsonb not null,
    from_epoch    bigint not null,
    to_epoch      bigint not null,
    check (from_epoch < to_epoch)
);
create index history_by_key on platform.history (schema_name, relation_name, key, to_epoch);

-- The epoch of the batch this transaction is; an error outside a batch, so nothing is written without one.
create function platform.batch_epoch() returns bigint language sql stable parallel safe
    return current_setting('yishu.epoch')::bigint;

-- Opens a batch: waits for the one before it, returns the epoch this transaction will publish.
create function platform.begin_batch() returns bigint language plpgsql as $$
declare epoch bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('yishu.batch', 0));
    select data_epoch + 1 into epoch from platform.state;
    perform set_config('yishu.epoch', epoch::text, true);
    return epoch;
end $$;

-- Closes the batch as the last step before commit: the state row is locked for as short a time as possible,
-- because every record of an answer waits for it.
create function platform.end_batch(
    kind text, provider text default null, source text default null,
    inserted bigint default 0, updated bigint default 0, deleted bigint default 0, rejected bigint default 0,
    graph_moved boolean default false, policy_moved boolean default false
) returns bigint language plpgsql as $$
declare epoch bigint := platform.batch_epoch();
begin
    insert into platform.batch (epoch, kind, provider, source, started_at, inserted, updated, deleted, rejected)
    values (epoch, kind, provider, source, now(), inserted, updated, deleted, rejected);
    update platform.state set
        data_epoch = epoch,
        graph_version = graph_version + graph_moved::int,
        policy_version = policy_version + policy_moved::int;
    perform pg_notify('yishu_state', epoch::text);
    return epoch;
end $$;

-- Statement trigger: moves the old rows of an update or delete to the history table. Arguments: the key columns.
create function platform.keep_history() returns trigger language plpgsql as $$
begin
    insert into platform.history (schema_name, relation_name, key, row, from_epoch, to_epoch)
    select tg_table_schema, tg_table_name,
           (select jsonb_agg(to_jsonb(old_row) -> name order by position)
              from unnest(tg_argv) with ordinality as keys(name, position)),
           to_jsonb(old_row) - '__epoch', old_row.__epoch, platform.batch_epoch()
      from old_rows as old_row
     where old_row.__epoch < platform.batch_epoch();
    return null;
end $$;

-- Brings an empty table under batches and history: adds the column __epoch and the triggers. The key names its rows in the history.
create function platform.govern(relation regclass, key text[]) returns void language plpgsql as $$
declare arguments text := (select string_agg(quote_literal(name), ', ') from unnest(key) as name);
begin
    execute format('alter table %s add column __epoch bigint not null', relation);
    execute format('alter table %s alter column __epoch set default platform.batch_epoch()', relation);
    execute format('create trigger keep_updated after update on %s referencing old table as old_rows
                    for each statement execute function platform.keep_history(%s)', relation, arguments);
    execute format('create trigger keep_deleted after delete on %s referencing old table as old_rows
                    for each statement execute function platform.keep_history(%s)', relation, arguments);
end $$;

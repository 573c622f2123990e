-- Policy versions (whole texts, never changed) and the access log (append-only).
create schema policy;
create table policy.version (
    version      bigint primary key,
    text         text not null,
    digest       bytea not null,
    published_at timestamptz not null default clock_timestamp(),
    published_by text not null
);

create schema log;

-- What one prepared operation touches and why it may; stored once, records refer to it.
create table log.plan (
    digest  bytea primary key check (octet_length(digest) = 32),
    content jsonb not null
);

create table log.record (
    id              uuid primary key,
    at              timestamptz not null,
    department      text not null,
    application     text not null,
    actor           text not null,
    roles           text[] not null,
    purpose         jsonb,
    plan            bytea references log.plan,
    document        text,
    operation_name  text,
    variables       jsonb,
    policy_version  bigint not null,
    graph_version   bigint not null,
    data_epoch      bigint not null,
    keys            json not null,
    shown           int not null,
    response_digest bytea,
    outcome         text not null check (outcome in ('ok', 'partial', 'refused', 'error')),
    error_codes     text[] not null,
    elapsed_us      int not null
);
alter table log.record alter column keys set storage external;
create function log.refuse_change() returns trigger language plpgsql as $$
begin raise exception 'the access log is append-only' using errcode = 'insufficient_privilege'; end $$;
create trigger append_only before update or delete or truncate on log.record
    for each statement execute function log.refuse_change();
create trigger append_only before update or delete or truncate on log.plan
    for each statement execute function log.refuse_change();

-- Registered documents: texts that clients may name instead of sending them, and the applications that may send nothing
-- else. An empty application stands for all of them.
create table platform.document (
    application   text not null default '',
    id            text not null check (length(id) between 1 and 200),
    text          text not null,
    digest        bytea not null check (digest = sha256(convert_to(text, 'UTF8'))),
    registered_at timestamptz not null default clock_timestamp(),
    primary key (application, id)
);
create index document_digest on platform.document (digest);

create table platform.held_application (
    application text primary key check (application <> ''),
    since       timestamptz not null default clock_timestamp()
);

-- Moves whenever a document comes or goes: workers then forget what they keep.
create table platform.document_change (
    one    boolean primary key default true check (one),
    number bigint not null default 0
);
insert into platform.document_change default values;
create function platform.count_document_change() returns trigger language plpgsql as $$
begin
    update platform.document_change set number = number + 1;
    return null;
end $$;
create trigger count_change after insert or update or delete or truncate on platform.document
    for each statement execute function platform.count_document_change();

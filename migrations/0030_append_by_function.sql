-- Appending by functions instead of by one statement of many parts, and what must hold of a record checked by the trigger
-- that is there anyway. Starting the parts of the statement, and reading the table's two checks from the catalog for each
-- statement, took 30 to 40 of the 330 microseconds in which one record was durable. The functions are an interface
-- (docs/log.md, "Appending"): a later version adds its own, as two versions may append at once.

-- As 0005, without a query for the gate. The assignment is one that needs no executor.
create or replace function platform.hold_state() returns platform.state language plpgsql as $$
declare
    held platform.state;
    gate text;
begin
    gate := pg_advisory_xact_lock_shared(platform.state_gate());
    select * into strict held from platform.state for share;
    return held;
end $$;

-- Refuses what a statement inserts; what it returns is never seen.
create function log.refuse(code text, fault text) returns boolean language plpgsql as $$
begin
    raise exception using errcode = code, message = fault;
end $$;

-- Checks each record and notes all of them, as 0029, in one query.
create or replace function log.check_and_note() returns trigger language plpgsql as $$
begin
    insert into log.recent (records, shown)
    select array_agg(id), sum(shown)
      from new_records as added
    having count(*) > 0
       and count(case when plan is not null and document is not null
                      then log.refuse('check_violation', 'a record has a plan and a document')
                      when outcome not in ('ok', 'partial', 'refused', 'error')
                      then log.refuse('check_violation', 'a record has no such outcome')
                      when plan is not null and not exists (select from log.plan where plan.digest = added.plan)
                      then log.refuse('foreign_key_violation', 'a record refers to a plan that is not in log.plan')
                 end) = 0;
    return null;
end $$;
alter table log.record drop constraint record_outcome_check, drop constraint document_is_kept_once;

-- Holds the state, stores the plans, and inserts the records whose state is the one held, and those that need not match.
-- Returns policy_version, graph_version and data_epoch of the state held, and how many records were inserted. With
-- `is_held` the caller's transaction holds the row already: waiting at the gate would be a deadlock with a change behind it.
create function log.append(
    records log.appended_record[], digests bytea[], contents text[], is_held boolean default false
) returns bigint[] language plpgsql as $$
declare
    raised text;
    held   platform.state;
    many   bigint;
begin
    if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
        raised := set_config('synchronous_commit', 'on', true);
    end if;
    -- Whoever has to wait for these tables must not hold the state meanwhile.
    lock table log.record in row exclusive mode;
    if digests <> '{}' then
        lock table log.plan in row exclusive mode;
    end if;
    if is_held then
        select * into strict held from platform.state for share;
    else
        held := platform.hold_state();
    end if;
    if digests <> '{}' then
        insert into log.plan (digest, content)
        select plan.digest, plan.content::json
          from unnest(digests, contents) as plan(digest, content)
         order by plan.digest
            on conflict do nothing;
    end if;
    insert into log.record (
        id, at, department, application, actor, roles, purpose, plan, document, operation_name, variables,
        policy_version, graph_version, data_epoch, keys, shown, response_digest, outcome, error_codes, elapsed_us)
    select new.id, new.at, new.department, new.application, new.actor, new.roles::text[], new.purpose::json, new.plan,
           new.document, new.operation_name, new.variables::json, new.policy_version, new.graph_version, new.data_epoch,
           new.keys::json, new.shown, new.response_digest, new.outcome, new.error_codes::text[], new.elapsed_us
      from unnest(records) as new
     where not new.must_match
        or (new.policy_version, new.graph_version, new.data_epoch)
           = (held.policy_version, held.graph_version, held.data_epoch);
    get diagnostics many = row_count;
    return array[held.policy_version, held.graph_version, held.data_epoch, many];
end $$;

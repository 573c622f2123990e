-- The access log as it is written (the gate, exact texts, the shape of an append) and as it is read (two views).

-- Share locks on the state row overlap without end under load and would starve whoever wants to move it. The gate is an
-- advisory lock, whose queue is fair: records pass it shared, a change of the state row closes it until its commit.
-- The row lock below it stays the proof: it holds also against a change that found no gate.
create function platform.state_gate() returns bigint language sql immutable parallel safe
    return hashtextextended('yishu.state', 0);

-- The state row, held as it is until this transaction ends: nobody can move it in between.
create function platform.hold_state() returns platform.state language plpgsql as $$
declare held platform.state;
begin
    perform pg_advisory_xact_lock_shared(platform.state_gate());
    select * into strict held from platform.state for share;
    return held;
end $$;

create function platform.close_state_gate() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(platform.state_gate());
    return null;
end $$;
create trigger close_gate before update on platform.state
    for each statement execute function platform.close_state_gate();

-- json, not jsonb: what is logged is kept to the byte, so that a digest over it can be checked again.
alter table log.plan
    alter column content type json using content::json,
    add constraint content_has_digest check (digest = sha256(convert_to(content::text, 'UTF8')));
alter table log.record
    alter column purpose type json using purpose::json,
    alter column variables type json using variables::json,
    add constraint document_is_kept_once check (plan is null or document is null);
create index record_by_plan on log.record (plan);
create index record_by_time on log.record (at);

-- One record on its way into the log. Later versions add a type of their own: two versions may append at once.
create type log.new_record as (
    id uuid, at timestamptz, department text, application text, actor text, roles text[], purpose text, plan bytea,
    document text, operation_name text, variables text, policy_version bigint, graph_version bigint, data_epoch bigint,
    keys text, shown int, response_digest bytea, outcome text, error_codes text[], elapsed_us int, must_match boolean
);

-- The fields of each plan, so that a coordinate is found without reading every plan, and the nodes of each plan, so that
-- a record's keys are read once per node and not once per field. Both are derived from log.plan alone.
-- is_keyed: whether a line of the field names a key, which a field used but not shown never does.
create table log.plan_node (
    plan     bytea not null references log.plan,
    node     int not null,
    is_keyed boolean not null,
    primary key (plan, node, is_keyed)
);
create table log.plan_field (
    plan       bytea not null references log.plan,
    position   int not null,
    node       int not null,
    is_keyed   boolean not null generated always as (use <> 'used') stored,
    path       text not null,
    type       text not null,
    coordinate text not null,
    use        text not null check (use in ('shown', 'used', 'denied')),
    "right"    text not null,
    effect     text not null check (effect in ('clear', 'masked', 'denied')),
    rule       text not null,
    primary key (plan, position)
);
create index plan_field_by_node on log.plan_field (plan, node, is_keyed);
create index plan_field_by_coordinate on log.plan_field (coordinate);
create trigger append_only before update or delete or truncate on log.plan_node
    for each statement execute function log.refuse_change();
create trigger append_only before update or delete or truncate on log.plan_field
    for each statement execute function log.refuse_change();

-- A member of a JSON object. Where the object escapes what no text can hold (NUL, half a surrogate pair), U+FFFD stands
-- for it (and, in that object, for every surrogate): one hostile document must not stop the log from being read.
create function log.member(object json, name text) returns json language plpgsql immutable strict as $$
begin
    return object -> name;
exception when data_exception then
    return regexp_replace(object::text, '\\u(0000|d[89a-f][0-9a-f]{2})', '\ufffd', 'gi')::json -> name;
end $$;
create function log.text_member(object json, name text) returns text language sql immutable strict
    return log.member(object, name) #>> '{}';

create function log.list_plan_fields() returns trigger language plpgsql as $$
begin
    insert into log.plan_field (plan, position, node, path, type, coordinate, use, "right", effect, rule)
    select plan.digest, row_number() over (partition by plan.digest order by node.position, field.position),
           node.position - 1, field.value ->> 'path', node.value ->> 'type', field.value ->> 'coordinate',
           field.value ->> 'use', field.value ->> 'right', field.value ->> 'effect', field.value ->> 'rule'
      from new_plans as plan,
           json_array_elements(log.member(plan.content, 'nodes')) with ordinality as node(value, position),
           json_array_elements(node.value -> 'fields') with ordinality as field(value, position);
    insert into log.plan_node (plan, node, is_keyed)
    select distinct field.plan, field.node, field.is_keyed
      from new_plans as plan join log.plan_field as field on field.plan = plan.digest;
    return null;
end $$;
create trigger list_fields after insert on log.plan referencing new table as new_plans
    for each statement execute function log.list_plan_fields();

-- One line per record. Its key is operation_id.
create view log.operation as
select record.id as operation_id,
       record.at,
       record.department,
       record.application,
       record.actor,
       record.roles,
       log.text_member(record.purpose, 'code') as purpose_code,
       log.text_member(record.purpose, 'legalGround') as legal_ground,
       log.text_member(record.purpose, 'caseNo') as case_no,
       record.operation_name,
       coalesce(record.document, log.text_member(plan.content, 'document')) as document,
       record.variables,
       encode(record.plan, 'hex') as plan,
       record.policy_version,
       record.graph_version,
       record.data_epoch,
       record.shown,
       record.outcome,
       record.error_codes,
       encode(record.response_digest, 'hex') as response_digest,
       record.elapsed_us
  from log.record
  left join log.plan on plan.digest = record.plan;

-- Shown x decision x keys: one line per field and record. Its key is (operation_id, field_position, key_position).
-- A field shown, and one denied, has a line for each key shown at its node (a denied one without any: one line, no key);
-- a field used but not shown has one line without key. key_position is 0 where there is no key.
create view log.resolved_field as
select record.id as operation_id,
       field.position as field_position,
       coalesce(shown.position, 0)::int as key_position,
       record.at,
       record.department,
       record.application,
       record.actor,
       field.path,
       field.type,
       field.coordinate,
       field.use,
       field."right",
       field.effect,
       field.rule,
       shown.key #>> '{}' as key
  from log.record
  join log.plan_node as node on node.plan = record.plan
  left join lateral json_array_elements(record.keys -> node.node) with ordinality as shown(key, position)
    on node.is_keyed
  join log.plan_field as field
    on field.plan = node.plan and field.node = node.node and field.is_keyed = node.is_keyed
 where shown.key is not null or field.use <> 'shown';

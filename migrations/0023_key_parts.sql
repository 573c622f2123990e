-- The keys of very large answers, in parts: one record of a million keys would have to be held in memory as a whole, by
-- whoever writes it and by whoever reads it.

-- Such a record has {"parts": n} instead of the list of keys. A part is written before its record, in the same
-- transaction. first counts the keys of the node from 1.
create table log.key_part (
    record uuid not null,
    node   int not null,
    first  int not null check (first > 0),
    keys   json not null,
    primary key (record, node, first)
);
alter table log.key_part alter column keys set storage external;
create trigger append_only before update or delete or truncate on log.key_part
    for each statement execute function log.refuse_change();

create function log.require_record() returns trigger language plpgsql as $$
begin
    if not exists (select from log.record where id = new.record) then
        raise exception 'keys of a record that is not there' using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
create constraint trigger require_record after insert on log.key_part deferrable initially deferred
    for each row execute function log.require_record();

create or replace view log.resolved_field as
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
  left join lateral (
      select kept.key, kept.position
        from json_array_elements(record.keys -> node.node) with ordinality as kept(key, position)
      union all
      select kept.key, part.first - 1 + kept.position
        from log.key_part as part, json_array_elements(part.keys) with ordinality as kept(key, position)
       where json_typeof(record.keys) = 'object' and part.record = record.id and part.node = node.node
  ) as shown on node.is_keyed
  join log.plan_field as field
    on field.plan = node.plan and field.node = node.node and field.is_keyed = node.is_keyed
 where shown.key is not null or field.use <> 'shown';

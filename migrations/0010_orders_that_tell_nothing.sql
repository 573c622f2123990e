-- Who may not sort by the key of a table must not read it off the order of its rows. Small tables are ordered by a keyed
-- digest; for large ones that many list masked, rows get a random place of their own when they come in, which an index
-- serves.
alter table catalog.resource add column order_column text;

alter table pool_public_security.person add column __order uuid not null default gen_random_uuid();
create unique index person_in_random_order on pool_public_security.person (__order);
create index person_of_a_town_in_random_order on pool_public_security.person (town_code, __order);

alter table pool_public_security.household add column __order uuid not null default gen_random_uuid();
create unique index household_in_random_order on pool_public_security.household (__order);
create index household_of_a_town_in_random_order on pool_public_security.household (town_code, __order);

select platform.begin_batch();
update catalog.resource set order_column = '__order', __epoch = default
 where schema_name = 'pool_public_security' and relation_name in ('person', 'household');
select platform.end_batch('catalog', null, 'orders that tell nothing', graph_moved => true);

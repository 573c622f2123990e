-- The history keeps a row's text exactly: json values as they were written (also those jsonb has no room for, such as an
-- escaped NUL), the same whatever the session's formats are, and whatever the table's columns are called.
alter table platform.history alter column row type json using row::json;

create or replace function platform.keep_history() returns trigger language plpgsql
    set timezone = 'UTC' set intervalstyle = 'postgres' set bytea_output = 'hex' set extra_float_digits = 1
as $$
declare
    columns text := (select string_agg(format('old_rows.%I', attname), ', ' order by attnum) from pg_attribute
                      where attrelid = tg_relid and attnum > 0 and not attisdropped and attname <> '__epoch');
    keys    text := (select string_agg(format('old_rows.%I', name), ', ' order by position)
                       from unnest(tg_argv) with ordinality as argument(name, position));
begin
    execute format(
        'insert into platform.history (schema_name, relation_name, key, row, from_epoch, to_epoch)
         select $1, $2, jsonb_build_array(%s), row_to_json(image.*), old_rows.__epoch, $3
           from old_rows, lateral (select %s) as image
          where old_rows.__epoch < $3', keys, columns)
      using tg_table_schema, tg_table_name, platform.batch_epoch();
    return null;
end $$;

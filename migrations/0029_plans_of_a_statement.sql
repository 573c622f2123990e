-- That a record's plan is stored is checked once for all records of a statement, where it was once for each: that took a
-- tenth of a commit of sixteen, wrote to the row of the plan each time, and made a commit that waits for another. Plans
-- are only added (0003), so a record whose plan was there when it was appended always has one.
create function log.check_and_note() returns trigger language plpgsql as $$
begin
    if exists (select from new_records as added
                where added.plan is not null
                  and not exists (select from log.plan where plan.digest = added.plan)) then
        raise foreign_key_violation using message = 'a record refers to a plan that is not in log.plan';
    end if;
    insert into log.recent (records, shown)
    select array_agg(id), sum(shown) from new_records having count(*) > 0;
    return null;
end $$;

create trigger check_and_note after insert on log.record referencing new table as new_records
    for each statement execute function log.check_and_note();
drop trigger note_recent on log.record;
drop function log.note_recent();
alter table log.record drop constraint record_plan_fkey;

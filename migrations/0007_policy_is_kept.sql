-- A policy version, once published, is evidence: records name it.
create function policy.refuse_change() returns trigger language plpgsql as $$
begin raise exception 'published policy versions are never changed' using errcode = 'insufficient_privilege'; end $$;
create trigger append_only before update or delete or truncate on policy.version
    for each statement execute function policy.refuse_change();

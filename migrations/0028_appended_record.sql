-- One record on its way into the log, with its lists as PostgreSQL writes them: a third of the time that the server took
-- to encode a record went to those two. log.new_record stays for servers of the version before.
create type log.appended_record as (
    id uuid, at timestamptz, department text, application text, actor text, roles text, purpose text, plan bytea,
    document text, operation_name text, variables text, policy_version bigint, graph_version bigint, data_epoch bigint,
    keys text, shown int, response_digest bytea, outcome text, error_codes text, elapsed_us int, must_match boolean
);

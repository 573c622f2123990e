-- A database as departments really have them: every kind of name, key and column that a collection must take in whole.
create type public.colour as enum ('red', 'green', '蓝');
create type public."Pair of things" as (a int, "b c" text);
create domain public.plate as varchar(10) check (value <> '');
create domain public.plates as plate[];
create type public.span as range (subtype = float8);
create schema "Other schema";
create schema 民政;

create table public."Mixed Case" ("Id" int primary key, "select" text, "with ""quotes""" text, "空格 列" text, "a.b" text);
insert into public."Mixed Case" values (1, E'tab\there', E'new\nline\r', '中文\\N', '\N'), (2, null, '', '  ', 'x');

create table public."order" ("group" int, "user" text, primary key ("user", "group"));
insert into public."order" values (1, 'a'), (2, 'a'), (1, 'b');

create table public.no_key (a int, b json);
insert into public.no_key values (1, '{"b": 1, "a":  2}'), (1, '{"b": 1, "a":  2}'), (null, null);

create table public.nothing ();
insert into public.nothing default values;
insert into public.nothing default values;
create table public.empty (a int primary key, b text not null);
create table public.dropped (a int, gone text, b text);
alter table public.dropped drop column gone;
insert into public.dropped values (1, 'b');
create table public.platform_names ("__epoch" int, "__row" text, "__line" int);
insert into public.platform_names values (1, 'a', 2), (1, 'a', 2);
create table public.made (
    id bigint generated always as identity primary key, n int not null, twice int generated always as (n * 2) stored
);
insert into public.made (n) values (5), (6);

create table public."四川省永康市民政局婚姻登记信息表二〇二三年" (编号 text primary key, "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg" int);
insert into public."四川省永康市民政局婚姻登记信息表二〇二三年" values ('001', 1);

create table public.kinds (
    id smallint primary key, colour public.colour, colours public.colour[], plate public.plate, plates public.plates,
    pair public."Pair of things", pairs public."Pair of things"[], span public.span, words varchar(20)[], grid int[][],
    j json, jb jsonb, js jsonb[], raw bytea, i interval, m money, ms money[], u uuid, ip inet, net cidr, mac macaddr,
    r int4range, mr datemultirange, x xml, v tsvector, q tsquery, n numeric, n2 numeric(6,2), n3 numeric(3,-2),
    d date, t time, tz timetz, ts timestamp(0), tstz timestamptz, f real, df double precision, b boolean, c char(5),
    bits bit(4), vb varbit, o oid, nm name, ch "char", p point, poly polygon, rc regclass, ls pg_lsn
);
insert into public.kinds values (
    1, '蓝', '{red,green,NULL}', '浙G12345', '{a,b}', '(1,"x y")', array['(1,a)', null]::public."Pair of things"[],
    '[1.5,2.5)', '{"a b",NULL,"c\"d"}', '{{1,2},{3,4}}', '{"k": [1, 1.50]}', '{"k": [1, 1.50]}',
    array['{"a": 1}', '2']::jsonb[], '\x00ff5c', '1 year 2 mons -3 days 04:05:06.789', 1234567.89, '{1.50,2}',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '[1,10)',
    '{[2024-01-01,2024-02-01)}', null, 'a:1 b:2', 'a & b', 12345678901234567890.123456789, 1.5, 12300,
    '2024-02-29', '23:59:59.999999', '08:00:00+08', '2024-02-29 12:00:00.4', '2024-02-29 12:00:00+08', 1.1, 1e300, true,
    'ab', b'1010', b'101', 4294967295, 'name', 'x', '(1,2)', '((0,0),(1,1),(1,0))', 'pg_class', '16/B374D848'
), (
    2, null, '{}', null, null, null, '{}', 'empty', '{}', '[0:1]={7,8}', 'null', 'null', '{}', '', '-1 day', -0.01, '{}',
    null, '::1', null, null, 'empty', '{}', null, '', null, 'NaN', -0.01, null, 'infinity', '24:00', null, '-infinity',
    'infinity', 'NaN', '-Infinity', false, '', null, '', 0, '', '', null, null, null, null
), (
    3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, 'infinity', null, null, '0044-03-15 BC', null, null, '0044-03-15 12:00:00 BC',
    '99999-12-31 00:00:00+00', 'Infinity', '-0', null, null, null, null, null, null, null, null, null, null, null
);

-- A server built without libxml has the type but no values of it.
do $$ begin update public.kinds set x = '<a>b</a>' where id = 1; exception when feature_not_supported then null; end $$;

create table public.parted (id int, year int, primary key (id, year)) partition by range (year);
create table public.parted_2023 partition of public.parted for values from (2023) to (2024);
create table "Other schema".parted_2024 partition of public.parted for values from (2024) to (2025);
insert into public.parted values (1, 2023), (2, 2024);
create table public.parent (id int);
create table public.child (extra text) inherits (public.parent);
insert into public.parent values (1);
insert into public.child values (2, 'x');

create table "Other schema"."Mixed Case" (a int);
insert into "Other schema"."Mixed Case" values (7);
create table 民政.婚姻 (公民身份号码 text primary key, 姓名 text);
insert into 民政.婚姻 values ('110101199003071234', '张三');
create table public."民政.婚姻" (a int);
comment on table 民政.婚姻 is '婚姻登记';
comment on column 民政.婚姻.姓名 is E'登记姓名\n第二行';
create view public.a_view as select * from public.kinds;
create materialized view public.a_snapshot as select * from public.kinds;

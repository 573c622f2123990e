-- Search for parts of names at any place, as names without word breaks need it, with nothing but what every PostgreSQL
-- has: an index over the characters and the pairs of neighbouring characters that a name consists of.

-- Full-width forms as half-width ones and Latin letters as lower case, character by character: what holds of a part of a
-- text holds of its folded form. Texts in normal form KC, which is quick to see, have no full-width forms.
create function platform.folded(value text) returns text language sql immutable strict parallel safe return
    lower(case when value is nfkc normalized then value else translate(value,
    '　！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～',
    ' !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~') end collate "C");

-- The characters and pairs of characters of a text, folded: what the index holds.
create function platform.grams(value text) returns text[] language plpgsql immutable strict parallel safe cost 100 as $$
declare
    letters text[] := string_to_array(platform.folded(value), null);
    made    text[] := letters;
begin
    for place in 2 .. cardinality(letters) loop
        made := made || (letters[place - 1] || letters[place]);
    end loop;
    return made;
end $$;

-- What the index is asked for: pairs, a character only where that is all. The first of a long part are telling enough.
create function platform.grams_of_part(part text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
    letters text[] := string_to_array(left(platform.folded(part), 24), null);
    made    text[] := '{}';
begin
    if cardinality(letters) < 2 then
        return letters;
    end if;
    for place in 2 .. cardinality(letters) loop
        made := made || (letters[place - 1] || letters[place]);
    end loop;
    return made;
end $$;

-- A search: words separated by spaces, each of which must occur.
create function platform.words(search text) returns text[] language sql immutable strict parallel safe return
    array_remove(string_to_array(platform.folded(search), ' '), '');

create function platform.grams_of_words(search text) returns text[] language plpgsql immutable strict parallel safe as $$
declare
    word text;
    made text[] := '{}';
begin
    foreach word in array platform.words(search) loop
        made := made || platform.grams_of_part(word);
    end loop;
    return made;
end $$;

create function platform.patterns_of_words(search text) returns text[] language plpgsql immutable strict parallel safe as
$$
declare
    word text;
    made text[] := '{}';
begin
    foreach word in array platform.words(search) loop
        made := made || ('%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%');
    end loop;
    return made;
end $$;

-- How to find a text depends on how rare it is: in statements with `$1 is not null or platform.plan_for_each()` this cost
-- stands in the way of a plan for all values of $1, and a plan for one value leaves it out. It is true, so nothing else.
create function platform.plan_for_each() returns boolean language plpgsql stable parallel safe cost 1000000000 as $$
begin
    return true;
end $$;

alter table catalog.item add column searched boolean not null default false;

create index enterprise_by_part_of_name on pool_market_regulation.enterprise using gin (platform.grams(name));
create index enterprise_by_part_of_legal_person_name on pool_market_regulation.enterprise
    using gin (platform.grams(legal_person_name));
create index person_by_part_of_name on pool_public_security.person using gin (platform.grams(name));
create index project_by_part_of_name on pool_development_reform.project using gin (platform.grams(name));
analyze pool_market_regulation.enterprise, pool_public_security.person, pool_development_reform.project;

select platform.begin_batch();
update catalog.item set searched = true, __epoch = default
 where name in ('name', 'legal_person_name')
   and resource in (select id from catalog.resource
                     where (schema_name, relation_name) in (('pool_market_regulation', 'enterprise'),
                                                            ('pool_public_security', 'person'),
                                                            ('pool_development_reform', 'project')));
select platform.end_batch('catalog', null, 'search for parts of names', graph_moved => true);

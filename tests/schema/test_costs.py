"""The text of the schema says what its fields cost, and stays the text graphql-core prints but for that."""

import re

from graphql import build_schema, print_schema

from schema.access import computed_schema
from schema.build import build_whole_schema
from schema.sdl import print_sdl
from tests.schema.conftest import Catalog


async def test_pages_counts_and_aggregates_say_what_they_cost(catalog: Catalog) -> None:
    text = print_sdl(build_whole_schema(catalog.graph(), computed_schema()))

    paged = '@listSize(assumedSize: 20, slicingArguments: ["first", "last"], sizedFields: ["nodes", "edges"]'
    assert f"): PlaceConnection {paged}, requireOneSlicingArgument: false)\n" in text
    assert '): [PlaceAggregate!] @listSize(assumedSize: 20, slicingArguments: ["first"], require' in text
    assert "    mode: CountMode = EXACT\n  ): Int @cost(weight: 10)\n" in text
    assert "directive @cost(" in text


async def test_but_for_the_directives_it_is_the_text_graphql_core_prints(catalog: Catalog) -> None:
    schema = build_whole_schema(catalog.graph(), computed_schema())

    text = print_sdl(schema)

    assert re.sub(r" @(cost|listSize)\([^)]*\)\n", "\n", text) == print_schema(schema) + "\n"
    assert build_schema(text).type_map.keys() == schema.type_map.keys()

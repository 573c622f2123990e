"""What departments are told of the catalog: of what is not shared, no figures."""

from policies.principal import Principal
from tests.resolvers.asking import Engine

_COUNTED = """{ catalog {
    figures: quality(where: {itemOf: {sharing: {eq: "not_shared"}}}) { totalCount }
    items(where: {sharing: {eq: "not_shared"}}) { totalCount nodes { title sharingGround quality { rows } } } } }"""


async def test_figures_of_what_is_not_shared_are_for_its_provider(engine: Engine) -> None:
    async with engine.pool.acquire() as connection, connection.transaction():
        items = await connection.fetchval(
            "select count(*) from catalog.item i join catalog.resource r on r.id = i.resource"
            " join catalog.entry e on e.code = r.entry where 'not_shared' in (i.sharing, e.sharing)"
        )
    assert items > 0

    shown = await engine.show(Principal("education", ()), _COUNTED)

    assert isinstance(shown.data, dict)
    catalog = shown.data["catalog"]
    assert catalog["items"]["totalCount"] == items
    assert catalog["figures"]["totalCount"] == 0
    assert {str(item["quality"]) for item in catalog["items"]["nodes"]} == {"None"}

"""The routes beside /graphql: schema, page, probes and figures, and who may read answers in a browser."""

from pathlib import Path

from api.config import Settings
from tests.api.conftest import SENT_AS_JSON, Served, error_code, serve


async def test_the_schema_is_the_callers(served: Served) -> None:
    headers = {"authorization": f"Bearer {served.token('education')}"}

    as_public = await served.client.get("/graphql/schema.graphql")
    as_education = await served.client.get("/graphql/schema.graphql", headers=headers)

    assert as_public.text.startswith("# public")
    assert as_education.text.startswith("# education")


async def test_a_browser_gets_a_page_that_loads_nothing_from_elsewhere(served: Served) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    page = await served.client.get("/graphql", headers={"accept": accept})

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!doctype", "")
    for part in page.text.split('"'):
        if part.startswith("/static/"):
            assert (await served.client.get(part)).status_code == 200


async def test_the_page_is_bound_wherever_it_is_served_from(served: Served) -> None:
    page = await served.client.get("/static/graphiql/index.html")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_missing_page_file_is_not_found_and_nothing_above_the_folder_is_served(served: Served) -> None:
    for path in ("/static/missing.js", "/static/..%2fapp.py", "/static/graphiql/../../app.py"):
        assert (await served.client.get(path)).status_code == 404


async def test_probes_tell_how_the_process_is(served: Served) -> None:
    live, ready = await served.client.get("/health/live"), await served.client.get("/health/ready")
    served.is_ready = False
    not_ready = await served.client.get("/health/ready")
    head = await served.client.head("/health/live")

    assert (live.status_code, ready.status_code, head.status_code, head.content) == (200, 200, 200, b"")
    assert (not_ready.status_code, error_code(not_ready)) == (503, "LOG_UNAVAILABLE")


async def test_figures_count_requests_byerror_code(served: Served) -> None:
    await served.ask("{ hello }")
    await served.client.post("/graphql", content=b"{", headers=SENT_AS_JSON)

    figures = (await served.client.get("/metrics")).text

    worker = served.metrics.worker
    assert f'yishu_requests_total{{worker="{worker}",route="/graphql",code="OK"}} 1' in figures
    assert f'yishu_requests_total{{worker="{worker}",route="/graphql",code="BAD_REQUEST"}} 1' in figures
    assert f'yishu_request_seconds_count{{worker="{worker}",route="/graphql"}} 2' in figures


async def test_only_configured_origins_may_read_answers(tmp_path: Path) -> None:
    async with serve(Settings(home=tmp_path, allowed_origins=("https://app.example",))) as served:
        allowed = await served.client.options("/graphql", headers={"origin": "https://app.example"})
        other = await served.client.options("/graphql", headers={"origin": "https://evil.example"})

    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in other.headers
    assert other.headers["vary"] == "Origin"


async def test_without_configured_origins_none_may(served: Served) -> None:
    response = await served.client.options("/graphql", headers={"origin": "https://app.example"})

    assert response.status_code == 204
    assert "access-control-allow-origin" not in response.headers

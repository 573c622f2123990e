"""The rooms of the house: who may import whom, and how large anything may grow."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "audit", "migrations", "policies", "pool", "resolvers", "schema")
MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "schema": (),
    "policies": (),
    "pool": (),
    "migrations": (),
    "resolvers": ("schema", "policies"),
    "audit": ("schema", "policies", "resolvers"),
    "api": ("schema", "policies", "resolvers", "audit", "pool", "migrations"),
}
# A foreign package and the only places that may know of it.
HOME_BY_PACKAGE: Mapping[str, tuple[str, ...]] = {
    "strawberry": ("schema/", "api/"),
    "casbin": ("policies/law.py",),
    "starlette": ("api/",),
    "uvicorn": ("api/",),
    "aiodataloader": ("resolvers/loaders.py",),
    "jwt": ("api/",),
    "tqdm": ("api/",),
    "openpyxl": ("pool/sources/",),
    "pyarrow": ("pool/sources/", "pool/sample/"),
}
UNTELLING_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
MOST_LINES, MOST_FUNCTION_LINES, MOST_PARAMETERS = 300, 40, 5


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file of the project, parsed."""

    path: str
    module: str
    lines: int
    tree: ast.Module

    @property
    def room(self) -> str:
        """The top-level folder it lies in."""
        return self.path.split("/", 1)[0]


def _sources(*folders: str) -> list[Source]:
    return [_source(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    relative = path.relative_to(ROOT)
    module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    return Source(relative.as_posix(), module, text.count("\n"), ast.parse(text))


SOURCES = _sources(*ROOMS)
TESTS = _sources("tests")


def _imports(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source.path}:{node.lineno}: relative import"
            assert node.module is not None
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_a_room_imports_only_the_rooms_below_it() -> None:
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in SOURCES
        for name, line in _imports(source)
        if (room := name.split(".")[0]) in ROOMS and room != source.room and room not in MAY_IMPORT[source.room]
    ]

    assert wrong == []


def test_every_foreign_package_stays_in_its_home() -> None:
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in SOURCES
        for name, line in _imports(source)
        if (homes := HOME_BY_PACKAGE.get(name.split(".")[0])) and not source.path.startswith(homes)
    ]

    assert wrong == []


def test_nothing_imports_tests() -> None:
    assert [source.path for source in SOURCES for name, _ in _imports(source) if name.split(".")[0] == "tests"] == []


def test_modules_import_each_other_in_one_direction() -> None:
    modules = {source.module: source for source in SOURCES}
    imported = {
        module: {name for name, _ in _imports(source) if name in modules and name != module}
        for module, source in modules.items()
    }

    # Takes away whatever imports nothing that is left; what remains runs in circles.
    while leaves := {module for module, names in imported.items() if not names & imported.keys()}:
        imported = {module: names for module, names in imported.items() if module not in leaves}

    assert sorted(imported) == []


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{source.path}:{node.lineno}"
        for source in (*SOURCES, *TESTS)
        for function in _functions(source)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


def test_no_file_grows_beyond_the_wall() -> None:
    long = {source.path: source.lines for source in (*SOURCES, *TESTS) if source.lines > MOST_LINES}

    assert long == {}


def test_no_function_grows_beyond_a_screen() -> None:
    long = [
        f"{source.path}:{function.lineno} {function.name}"
        for source in SOURCES
        for function in _functions(source)
        if function.end_lineno is not None and function.end_lineno - function.lineno + 1 > MOST_FUNCTION_LINES
    ]

    assert long == []


def test_functions_take_few_parameters_and_booleans_by_name() -> None:
    wrong = []
    for source in SOURCES:
        for function in _functions(source):
            positional = [*function.args.posonlyargs, *function.args.args]
            named = [argument for argument in positional if argument.arg not in ("self", "cls")]
            takes_boolean = any(ast.unparse(each.annotation) == "bool" for each in named if each.annotation)
            if len(named) + len(function.args.kwonlyargs) > MOST_PARAMETERS or takes_boolean:
                wrong.append(f"{source.path}:{function.lineno} {function.name}")

    assert wrong == []


def test_every_module_says_what_it_is_in_charge_of() -> None:
    silent = [source.path for source in SOURCES if source.tree.body and not ast.get_docstring(source.tree)]

    assert silent == []


def test_names_tell_what_a_module_is_for() -> None:
    assert [source.path for source in SOURCES if set(source.module.split(".")) & UNTELLING_NAMES] == []


def test_nothing_is_kept_in_globals_or_context() -> None:
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in SOURCES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Global | ast.Nonlocal)
        or (isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).endswith("ContextVar"))
    ]

    assert wrong == []


def test_only_the_edge_catches_what_it_cannot_name() -> None:
    broad = {
        source.path
        for source in SOURCES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or {"Exception", "BaseException"} & set(ast.unparse(node.type).strip("()").split(", ")))
    }

    assert broad <= {"api/endpoint.py"}


@pytest.mark.parametrize("source", TESTS, ids=lambda source: source.path)
def test_tests_use_no_mocks(source: Source) -> None:
    assert [name for name, _ in _imports(source) if name.startswith("unittest.mock")] == []

"""What the schema says of a field."""

from schema.build import describe
from schema.graph import Field
from schema.scalars import STRING


def test_a_description_begins_with_the_title_and_marks_the_coordinate_as_code() -> None:
    field = Field("Enterprise.name", "name", "name", STRING, "企业名称", sharing="unconditional", grade=1)

    assert describe(field) == "企业名称 · `Enterprise.name`，无条件共享 unconditional，1 级"

"""The text of a policy: reading its lines and replacing one."""

from policies.rules import Line, parse, replaced

_ALLOWED = Line(0, "p", ("public", "open", "read", "allow"))
_DENIED = Line(0, "p", ("public", "open", "read", "deny"))


def test_lines_keep_their_numbers_and_lose_spaces_and_comments() -> None:
    text = "# a comment\r\n\r\n  p,public ,open,  read, allow\r\n   # indented\ng2, open, x"

    assert parse(text) == (Line(3, "p", ("public", "open", "read", "allow")), Line(5, "g2", ("open", "x")))


def test_a_line_break_is_a_line_feed_and_nothing_else() -> None:
    assert len(parse("p, public, open\u2028p, read, allow")) == 1


def test_a_rule_is_replaced_by_its_opposite_at_the_end() -> None:
    text = "# open\np, public,  open, read, allow\n\n# town\ng, town, department\n\n\n"

    assert replaced(text, removed=_ALLOWED, added=_DENIED) == (
        "# open\n\n# town\ng, town, department\np, public, open, read, deny\n"
    )


def test_a_rule_that_is_there_is_not_added_again() -> None:
    text = "p, public, open, read, deny\n"

    assert replaced(text, removed=_ALLOWED, added=_DENIED) == text

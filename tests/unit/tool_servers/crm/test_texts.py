from hypothesis import given
from hypothesis import strategies as st

from contracts.marks import mark
from tool_servers.crm.texts import to_html, to_text


@given(st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cs"), whitelist_characters="\n")))
def test_what_is_written_is_read_again(text):
    """Through HTML and back, with the mark taken off, a text is what it was."""
    lines = text.strip().split("\n")
    assert to_text(to_html(text, "key")) == "\n".join(lines).strip()


def test_the_mark_is_plain_text():
    """The vendor's sanitiser leaves it alone."""
    assert to_html("ok", "key") == f"ok<br>{mark('key')}"
    assert "<" not in mark("key")


def test_paragraphs_and_entities_become_text():
    """As a reader of the CRM sees them."""
    assert to_text("<p>Prix &lt; budget</p><ul><li>un</li><li>deux</li></ul>") == "Prix < budget\nun\ndeux"

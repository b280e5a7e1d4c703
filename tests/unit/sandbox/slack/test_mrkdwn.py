import pytest

from sandbox.slack.mrkdwn import plain, rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~no~ `code`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>code</code>"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("a\nb", "a<br>b"),
        ("> said\n> twice\nafter", "<blockquote>said<br>twice</blockquote>after"),
        ("`*kept*`", "<code>*kept*</code>"),
        ("```\nx < y\n```", "<pre>x &lt; y\n</pre>"),
        (
            "*<https://x.example/?a=1&amp;b=2|deal 42>*",
            '<strong><a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noreferrer">deal 42</a></strong>',
        ),
        ("<@U0CLAIRE>", '<span class="mention">@claire</span>'),
        ("R&amp;D :tada:", "R&amp;D 🎉"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_mrkdwn_basics(text, html):
    """The markup that messages use is shown, and nothing else gets through as HTML."""
    assert rendered(text, {"U0CLAIRE": "claire"}) == html


def test_plain_text_has_no_markup():
    """A plain_text object shows its asterisks."""
    assert plain("*as it is* <b>") == "*as it is* &lt;b&gt;"

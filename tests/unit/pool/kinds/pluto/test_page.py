"""What Pluto's pages load and complain of."""

from __future__ import annotations

from pool.kinds.pluto.page import MOST_PARTS, complaint, parts


def test_a_page_loads_its_own_relative_files_once_each() -> None:
    page = """
    <link rel="stylesheet" href="./editor.1a2b3c4d.css"><link rel=icon href="favicon.ico">
    <script src="./editor.js" type="module"></script><script>let a = 1</script>
    <script src="./editor.js"></script><img src="img/logo.svg">
    """
    assert parts(page) == ["./editor.1a2b3c4d.css", "favicon.ico", "./editor.js", "img/logo.svg"]


def test_other_servers_and_the_roots_of_the_origin_are_left_alone() -> None:
    assert (
        parts('<script src="https://a.example/b.js"></script><link href="/x.css"><link href="//y/z.css">')
        == []
    )
    assert (
        parts('<link href="data:text/css,"><link href="#a"><a href="b.html">b</a><script src></script>') == []
    )


def test_a_page_of_a_thousand_files_is_not_loaded_whole() -> None:
    assert len(parts("".join(f"<img src=a{n}.png>" for n in range(1000)))) == MOST_PARTS


def test_the_complaint_is_the_first_line_of_the_error() -> None:
    page = "<h2>Failed</h2><p>Why:</p><pre><code>\nFile &lt;a&gt; is bad\nStacktrace:\n [1] f</code></pre>"
    assert complaint(page) == "File <a> is bad"


def test_a_page_without_an_error_complains_of_nothing() -> None:
    assert complaint("<p>It works</p><pre>  \n</pre>") == ""
    assert complaint("") == ""

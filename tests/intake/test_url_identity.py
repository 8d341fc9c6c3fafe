"""One key for every spelling of a link, and never one key for two links."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediaflow_assets.core.errors import BadInput
from mediaflow_assets.intake.url_identity import identity, is_dropbox, parse

KEY = "https://www.dropbox.com/scl/fo/a1/AbC-d?dl=1&rlkey=s3cr%26et&st=x"

SPELLINGS = [
    KEY,
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&raw=1",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?st=x&dl=1&rlkey=s3cr%26et&dl=0&st=x",
    "HTTPS://WWW.Dropbox.COM/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0",
    "https://dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0",
    "https://www.dropbox.com./scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x",
    "https://www.dropbox.com:443/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d/?rlkey=s3cr%26et&st=x&dl=0",
    "https://www.dropbox.com//scl/fo/a1//AbC-d?rlkey=s3cr%26et&st=x&dl=0",
    "https://www.dropbox.com/scl/./fo/a0/../a1/AbC-d?rlkey=s3cr%26et&st=x",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0#page",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&amp;st=x&amp;dl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&amp;amp;st=x&amp;amp;dl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&amp%3Bst=x&amp%3Bdl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&amp%253Bst=x&amp%253Bdl=0",
    "https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&#38;st=x&#x26;dl=0",
    "https://www.dropbox.com/scl/fo/a1/%41b%43%2Dd?rlkey=%733cr%26et&st=%78",
    "https://www.dropbox.com/scl/fo/a1/%2541bC-d?rlkey=s3cr%26et&st=x",
    "  https://www.dropbox.com/scl/fo/a1/AbC-d?rlkey=s3cr%26et&st=x&dl=0\n",
    "https%3A%2F%2Fwww.dropbox.com%2Fscl%2Ffo%2Fa1%2FAbC-d%3Frlkey%3Ds3cr%2526et%26st%3Dx%26dl%3D0",
    quote(quote(KEY, safe=""), safe=""),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_link_is_one_key(spelling: str) -> None:
    assert identity(spelling) == KEY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.dropbox.com/s/a/x.zip?rlkey=Ab", "https://www.dropbox.com/s/a/x.zip?rlkey=ab"),
        ("https://www.dropbox.com/s/a/x.zip?rlkey=a%26b%3Bc", "https://www.dropbox.com/s/a/x.zip?rlkey=a&b;c"),
        ("https://www.dropbox.com/s/a/x.zip?rlkey=a%3Bc", "https://www.dropbox.com/s/a/x.zip?rlkey=a"),
        ("https://www.dropbox.com/s/a/b%2Fx.zip", "https://www.dropbox.com/s/a/b/x.zip"),
        ("https://www.dropbox.com/s/a/x.zip", "https://www.dropbox.com/S/a/x.zip"),
        ("https://proxy.example/a?dl=0", "https://proxy.example/a?dl=1"),
        ("https://proxy.example/a", "http://proxy.example/a"),
        ("https://proxy.example/a", "https://proxy.example:8443/a"),
        ("https://proxy.example/a%2Fb", "https://proxy.example/a/b"),
        ("https://proxy.example/a?q=b%2Bc", "https://proxy.example/a?q=b+c"),
        ("https://proxy.example/a/", "https://proxy.example/a"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::2]/a"),
        ("https://proxy.example/?u=https://www.dropbox.com/a", "https://www.dropbox.com/a"),
    ],
)
def test_different_links_have_different_keys(one: str, other: str) -> None:
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("https://[2001:DB8:0::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://BÜCHER.example/é ü", "https://xn--bcher-kva.example/%C3%A9%20%C3%BC"),
        ("https://www.dropbox.com/s/a/E\u0301.zip", "https://www.dropbox.com/s/a/%C3%89.zip?dl=1"),
        ("https://proxy.example/a+b?q=c+d%2B%20e", "https://proxy.example/a+b?q=c+d%2B%20e"),
        ("https://www.dropbox.com/s/a?preview=c+d%2B", "https://www.dropbox.com/s/a?dl=1&preview=c%20d%2B"),
        ("https://proxy.example", "https://proxy.example/"),
        ("https://proxy.example/a?b=2&a=1&b=1", "https://proxy.example/a?a=1&b=1&b=2"),
    ],
)
def test_the_key_is_a_working_link(spelling: str, key: str) -> None:
    assert identity(spelling) == key


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.dropbox.com/s/a",
        "//www.dropbox.com/s/a",
        "ftp://www.dropbox.com/s/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///a",
        "https://user@www.dropbox.com/s/a",
        "https://user:secret@www.dropbox.com/s/a",
        "https://www.dropbox.com@evil.example/s/a",
        "https://@www.dropbox.com/",
        "https://www.dropbox.com:99999/s/a",
        "https://[::1/s/a",
        "https://[1.2.3.4]/a",
        "https://www dropbox.com/a",
        "https://www.dropbox.com\\@evil.example/a",
        "https://www.dropbox.com/s/\ud800?rlkey=secret",
    ],
)
def test_what_is_no_link_or_carries_a_user_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        identity(url)
    assert "secret" not in caught.value.sentence


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_refused_or_has_a_stable_key(text: str) -> None:
    stable(text)


segment = st.text(alphabet="ab%2F25 é+&;=.~/\u0301\ud800", max_size=8)
dropbox_hosts = ["www.dropbox.com", "dl.dropboxusercontent.com"]
hosts = st.sampled_from([*dropbox_hosts, "proxy.example", "[2001:db8::1]", "bücher.example", "1.2.3.4"])


@given(hosts, st.lists(segment, max_size=4), st.lists(st.tuples(segment, segment), max_size=4))
def test_any_link_has_a_stable_key(host: str, path: list[str], query: list[tuple[str, str]]) -> None:
    pairs = "&".join(f"{name}={value}" for name, value in query)
    stable(f"https://{host}/{'/'.join(path)}?{pairs}#x")


value = st.text(min_size=1, max_size=12)


@given(value, st.sampled_from([*dropbox_hosts, "proxy.example"]))
def test_a_permission_is_never_altered(rlkey: str, host: str) -> None:
    assume(rlkey.encode("utf-8", "ignore").decode() == rlkey)
    key = identity(f"https://{host}/scl/fi/a/x.zip?dl=0&rlkey={quote(rlkey, safe='')}&e=1")
    assert dict(parse_qsl(urlsplit(key).query, keep_blank_values=True))["rlkey"] == rlkey


@given(st.text(alphabet="aé %/?#&=;+", min_size=1, max_size=8))
def test_an_encoded_slash_stays_one(name: str) -> None:
    for host in ("www.dropbox.com", "proxy.example"):
        key = identity(f"https://{host}/a/{quote(name + '/', safe='')}b")
        assert urlsplit(key).path.count("/") == 2


def stable(url: str) -> None:
    try:
        key = identity(url)
    except BadInput:
        return
    assert identity(key) == key
    assert parse(key).host == parse(url).host or is_dropbox(parse(url).host)


def test_dropbox_is_recognised_by_whole_names() -> None:
    assert all(map(is_dropbox, ["dropbox.com", "www.dropbox.com", "dl.dropbox.com", "x.dl.dropboxusercontent.com"]))
    look_alikes = ["evildropbox.com", "dropbox.com.evil.example", "dropbox.co", "xn--drpbox-jua.com", ""]
    assert not any(map(is_dropbox, look_alikes))

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config import values

PATH = TypeAdapter[str](values.RelativePath)


def refused(of: Any, value: object) -> str:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(of).validate_python(value)
    return str(error.value)


@pytest.mark.parametrize(
    "path",
    [
        "", "tree", "lab/tree/a b.ipynb", "a/b:c", "notebooks/welcome.ipynb", "api?x=1#y", "a..b",
        "..a/b.", "./a",
    ],
)  # fmt: skip
def test_relative_paths_are_kept_as_they_are(path: str) -> None:
    assert PATH.validate_python(path) == path


@pytest.mark.parametrize(
    "wrong",
    [
        "/tree", "//evil.org", "///a", "https://evil.org", "javascript:alert(1)", "data:text/html,x",
        "..", "../a", "a/../b", "a/..", "%2e%2e/a", "%2E./a", "a/%2e%2e", "%2fa", "a\\b", "a%5cb", "a\nb",
        "a%0ab", "a\0", " a", "a ", "\ta", "http://[", "a:b/c",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(wrong: str) -> None:
    assert "a relative path such as" in refused(values.RelativePath, wrong)


@given(st.text(alphabet="./\\%2eEfFaA:?#[]@ \n", max_size=12))
def test_no_accepted_path_leaves_its_base(text: str) -> None:
    from urllib.parse import unquote, urljoin, urlsplit  # noqa: PLC0415 - only here

    try:
        path = PATH.validate_python(text)
    except ValidationError:
        return
    joined = urlsplit(urljoin("http://host/user/id/", path))
    assert joined.netloc == "host"
    assert unquote(joined.path).startswith("/user/id/")


@pytest.mark.parametrize("name", ["a", "jupyter", "0-1-2", "a" * 31])
def test_pool_names_fit_into_addresses_and_labels(name: str) -> None:
    assert TypeAdapter(values.PoolName).validate_python(name) == name


@pytest.mark.parametrize("wrong", ["", "-a", "A", "a_b", "a.b", "a b", "a/b", "a" * 32, "a\n", "\u00e4", 3])
def test_other_pool_names_are_refused(wrong: object) -> None:
    refused(values.PoolName, wrong)


@pytest.mark.parametrize("wrong", ["", ".", "..", "a/b", "-a", "a b", "a" * 64, "a\n"])
def test_gateway_ids_that_are_no_folder_name_are_refused(wrong: str) -> None:
    assert "1 to 63 letters" in refused(values.GatewayId, wrong)


@pytest.mark.parametrize(
    "image", ["", "warmgate/jupyter", "localhost:5000/a/b:1.2", "a@sha256:" + "0" * 64, "Example.org/a_b-c"]
)
def test_image_references_are_accepted(image: str) -> None:
    assert TypeAdapter(values.Image).validate_python(image) == image


@pytest.mark.parametrize("wrong", ["-v", "a b", "a\n", "/a", "a;b", "a" * 256])
def test_what_is_no_image_reference_is_refused(wrong: str) -> None:
    assert "a reference such as" in refused(values.Image, wrong)


@pytest.mark.parametrize("port", [0, 1, 65535, "8000"])
def test_ports_are_accepted_in_range(port: object) -> None:
    assert TypeAdapter(values.Port).validate_python(port) == int(str(port))


@pytest.mark.parametrize("wrong", [-1, 65536, "http", True, 1.5, None, ""])
def test_other_ports_are_refused(wrong: object) -> None:
    refused(values.Port, wrong)


@pytest.mark.parametrize("wrong", [0, -1, True, "two", float("nan"), float("inf"), 1025])
def test_cpus_are_a_positive_finite_number(wrong: object) -> None:
    refused(values.Cpus, wrong)


@pytest.mark.parametrize(("text", "budget"), [("auto", "auto"), ("1GiB", 2**30), (4096, 4096)])
def test_a_budget_is_auto_or_a_size(text: object, budget: object) -> None:
    assert TypeAdapter(values.Budget).validate_python(text) == budget


@pytest.mark.parametrize("wrong", ["Auto", "", "much", -1, True, None])
def test_another_budget_is_refused_with_both_that_are_allowed(wrong: object) -> None:
    assert "auto, or a size such as" in refused(values.Budget, wrong)


@pytest.mark.parametrize("wrong", ["a b", "a\n", "\u00fc", "a\tb", " "])
def test_a_token_that_no_header_can_carry_is_refused_without_repeating_it(wrong: str) -> None:
    text = refused(values.HeaderToken, "hush" + wrong)
    assert "visible ASCII" in text


def test_a_short_secret_is_refused() -> None:
    assert "at least 16 characters" in refused(values.SigningSecret, "x" * 15)


@pytest.mark.parametrize("secret", ["", "x" * 16])
def test_a_long_secret_or_none_is_accepted_and_hidden(secret: str) -> None:
    kept = TypeAdapter(values.SigningSecret).validate_python(secret)
    assert kept.get_secret_value() == secret
    assert "x" not in repr(kept)


@pytest.mark.parametrize("folder", ["", "/var/lib/warmgate", "~/warmgate"])
def test_state_folders_are_absolute_or_below_home(folder: str) -> None:
    assert TypeAdapter(values.StateDir).validate_python(folder) == folder


@pytest.mark.parametrize("wrong", ["state", "./state", "~", "~other/x", "/a\0b"])
def test_a_state_folder_that_depends_on_where_one_stands_is_refused(wrong: str) -> None:
    assert "an absolute folder" in refused(values.StateDir, wrong)


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("jupyter", "lab", "--port={port}", "--ip={ip}", "{base_path}", "{token}"),
        ("sh", "-c", "echo ${home} {} {A} { } {{ $((1))", '{"a": 1}'),
    ],
)
def test_commands_may_hold_our_placeholders_and_braces_that_are_none(command: tuple[str, ...]) -> None:
    assert TypeAdapter(values.Command).validate_python(list(command)) == command


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["x", "{prot}"], "{prot} is none of them"),
        (["x", "a{host}b"], "{host} is none of them"),
        ([""], "names a program"),
        (["a\0b"], "NUL"),
        ("jupyter lab", "tuple"),
    ],
)
def test_other_commands_are_refused(wrong: object, why: str) -> None:
    assert why in refused(values.Command, wrong)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"1A": "x"}, "names"), ({"A=B": "x"}, "names"), ({"": "x"}, "names"), ({"A": "\0"}, "NUL")],
)
def test_environment_variables_no_process_can_have_are_refused(wrong: dict[str, str], why: str) -> None:
    assert why in refused(values.Env, wrong)


@pytest.mark.parametrize("folders", [[], ["/tmp"], ["/home/jovyan:size=64m,mode=0700,uid=1000", "/run"]])
def test_tmpfs_folders_are_absolute_with_options(folders: list[str]) -> None:
    assert TypeAdapter(values.Tmpfs).validate_python(folders) == tuple(folders)


@pytest.mark.parametrize(
    "wrong", ["tmp", "/", "", "/a/../b", "/a/.", "/a b", "/a:", "/a:x y", "/a,/b", "//a", "/a\n"]
)
def test_other_tmpfs_folders_are_refused(wrong: str) -> None:
    assert "absolute folders with options" in refused(values.Tmpfs, [wrong])


def test_one_folder_is_not_kept_in_memory_twice() -> None:
    assert "only once" in refused(values.Tmpfs, ["/tmp", "/tmp:size=1m"])


@pytest.mark.parametrize("user", ["", "1000", "1000:0", "jovyan", "jovyan:users", "nobody:100"])
def test_plain_users_are_accepted(user: str) -> None:
    assert TypeAdapter(values.User).validate_python(user) == user


@pytest.mark.parametrize(
    "wrong", ["root", "0", "00", "0:0", "root:users", "a b", ":1", "1:", "-1", "1:2:3", "1000\n"]
)
def test_root_and_what_is_no_user_are_refused(wrong: str) -> None:
    assert "a user other than root" in refused(values.User, wrong)

"""Who may use the admin port: programs of this machine, whoever knows the token, and no other site's page."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.errors import Forbidden, LoginWanted
from gateway.operating.access import admit

HOST = "localhost:8001"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
STREAM = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}


def request(method: str = "GET", /, **fields: str) -> Any:
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    return SimpleNamespace(method=method, headers={"Host": HOST} | headers)


def basic(password: str, user: str = "anyone") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def refused(asked: Any, token: str) -> type[Forbidden]:
    with pytest.raises(Forbidden) as caught:
        admit(asked, token)
    return type(caught.value)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_without_a_token_programs_of_this_machine_may_do_all(method: str) -> None:
    admit(request(method), "")


def test_without_a_token_our_own_page_may_listen_whether_its_browser_names_it_or_not() -> None:
    admit(request(**STREAM), "")
    admit(request(**STREAM, Origin=f"http://{HOST}"), "")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:9999", "null", "http://["])
@pytest.mark.parametrize("token", ["", "right"])
def test_a_page_of_another_site_may_nothing(method: str, origin: str, token: str) -> None:
    refused(request(method, Origin=origin, Authorization=basic(token)), token)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("token", ["", "right"])
def test_a_picture_or_script_on_another_site_may_nothing(site: str, token: str) -> None:
    asked = request(**{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}, Authorization=basic(token))
    refused(asked, token)


def test_a_link_on_another_site_may_lead_here() -> None:
    admit(request(**{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}), "")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8001", ""])
def test_a_foreign_name_that_points_at_this_machine_is_refused(host: str) -> None:
    refused(request(Host=host), "")


def test_a_foreign_name_with_its_own_origin_is_refused_too() -> None:
    refused(request(Host="evil.example", Origin="http://evil.example"), "")


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("field", ["token right", "Bearer right"])
def test_the_token_opens_everything_by_every_name(method: str, field: str) -> None:
    admit(request(method, Host="ops.example", Authorization=field), "right")


@pytest.mark.parametrize("user", ["", "admin", "anyone"])
def test_a_browser_gives_the_token_as_a_password_and_may_read(user: str) -> None:
    admit(request(**NAVIGATION, Authorization=basic("right", user)), "right")
    admit(request(**STREAM, Authorization=basic("right", user)), "right")


def test_a_token_with_a_colon_or_an_umlaut_is_a_password_too() -> None:
    admit(request(Authorization=basic("tö:ken")), "tö:ken")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_a_password_changes_nothing_since_browsers_add_it_to_what_others_made_them_send(method: str) -> None:
    assert refused(request(method, Authorization=basic("right")), "right") is Forbidden


def test_a_browser_without_the_password_is_told_to_ask_for_it() -> None:
    assert refused(request(**NAVIGATION), "right") is LoginWanted
    assert refused(request(**NAVIGATION, Authorization=basic("wrong")), "right") is LoginWanted


def test_a_program_or_a_script_is_refused_without_a_prompt() -> None:
    assert refused(request(), "right") is Forbidden
    assert refused(request(**STREAM), "right") is Forbidden


@pytest.mark.parametrize(
    "field",
    [
        "Basic",
        "Basic right",
        "Basic ====",
        "Basic \udcff",
        basic("wrong"),
        basic(""),
        "Basic " + base64.b64encode(b"right").decode(),
        "Digest " + base64.b64encode(b"a:right").decode(),
        "Bearer wrong",
    ],
)
def test_nothing_else_opens(field: str) -> None:
    refused(request(Authorization=field), "right")


def test_the_query_opens_nothing() -> None:
    asked = request()
    asked.query = {"token": "right"}
    refused(asked, "right")

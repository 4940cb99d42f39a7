"""Which source it is, what counts as edited, and what a vendor's profile changes."""

from __future__ import annotations

import re
import signal
import sys
from typing import Any

import pytest

from rostersync.config.identity import effective_scopes, effective_url, settings_digest, source_identity
from rostersync.config.schema import IntegrationConfig
from rostersync.config.source import OAuth1, OAuth2, RestSource
from rostersync.config.vendors import PROFILES, with_profile
from rostersync.errors import Interrupted
from rostersync.signals import ending_in_order
from tests.config.conftest import SMALL, Load
from torture.shim.lines import Place, follow

AUTH = {"token_url": "https://sis.example.org/token", "client_id": "me", "client_secret": "env:S"}


def integration(**changes: Any) -> IntegrationConfig:  # noqa: ANN401 - any key of the schema
    table = {"key": "a", "source": {"url": "https://sis.example.org", "auth": AUTH}, **changes}
    return IntegrationConfig.model_validate(table)


def rest(url: str, **changes: Any) -> RestSource:  # noqa: ANN401 - any key of the schema
    source = integration(source={"url": url, "auth": AUTH, **changes}).source
    assert isinstance(source, RestSource)
    return source


@pytest.mark.parametrize(
    ("url", "version", "effective"),
    [
        ("https://h", "1.1", "https://h/ims/oneroster/v1p1"),
        ("https://h/", "1.2", "https://h/ims/oneroster/rostering/v1p2"),
        ("https://h/api/", "1.1", "https://h/api/ims/oneroster/v1p1"),
        ("https://h/ims/oneroster/v1p1", "1.1", "https://h/ims/oneroster/v1p1"),
        ("https://h/ims/oneroster/v1p1/", "1.2", "https://h/ims/oneroster/v1p1"),
        ("https://h/tenant/ims/oneroster/odd/v9", "1.1", "https://h/tenant/ims/oneroster/odd/v9"),
        ("https://ims.oneroster.org/x", "1.1", "https://ims.oneroster.org/x/ims/oneroster/v1p1"),
    ],
)
def test_a_url_without_the_path_gets_that_of_its_version(url: str, version: str, effective: str) -> None:
    assert effective_url(rest(url, version=version)) == effective


@pytest.mark.parametrize(
    ("version", "scopes", "effective"),
    [
        (
            "1.1",
            [],
            (
                "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
                "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly",
            ),
        ),
        (
            "1.2",
            [],
            (
                "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
                "https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly",
            ),
        ),
        ("1.1", [""], ()),
        ("1.1", ["x", "y"], ("x", "y")),
    ],
)
def test_the_scopes_are_those_of_the_version_unless_given(
    version: str, scopes: list[str], effective: tuple[str, ...]
) -> None:
    source = rest("https://h", version=version, auth={**AUTH, "scopes": scopes})
    assert isinstance(source.auth, OAuth2)
    assert effective_scopes(source, source.auth) == effective


def test_the_same_place_is_the_same_source() -> None:
    same = ["https://SIS.example.org:443", "https://sis.example.org/", "https://sis.example.org./ims/oneroster/v1p1/"]
    found = {source_identity(integration(source={"url": url, "auth": AUTH})) for url in same}
    assert found == {"rest 1.1 https://sis.example.org/ims/oneroster/v1p1"}


def test_another_place_or_version_is_another_source() -> None:
    sftp = {"type": "sftp", "user": "u", "password": "env:P", "known_hosts": "known_hosts", "path": "a.zip"}
    sources: list[dict[str, Any]] = [
        {"url": "https://sis.example.org", "auth": AUTH},
        {"url": "https://sis.example.org", "auth": AUTH, "version": "1.2"},
        {"url": "http://sis.example.org", "auth": AUTH},
        {"url": "https://sis.example.org:8443", "auth": AUTH},
        {"url": "https://sis2.example.org", "auth": AUTH},
        {"url": "https://sis.example.org/b", "auth": AUTH},
        {"url": "https://sis.example.org/B", "auth": AUTH},
        {"url": "http://[::1]:80", "auth": AUTH},
        {"type": "csv", "path": "a.zip"},
        {"type": "csv", "path": "b.zip"},
        {**sftp, "host": "H"},
        {**sftp, "host": "h", "port": 23},
    ]
    found = [source_identity(integration(source=source)) for source in sources]
    assert len(set(found)) == len(sources)
    assert found[7] == "rest 1.1 http://[::1]/ims/oneroster/v1p1"
    assert found[10] == "sftp h:22 a.zip"


def test_credentials_and_speed_are_not_the_source() -> None:
    other = {**AUTH, "client_id": "you", "client_secret": "env:OTHER"}
    changed = integration(source={"url": "https://sis.example.org", "page_size": 5, "auth": other})
    assert source_identity(changed) == source_identity(integration())


@pytest.mark.parametrize(
    "changes",
    [
        {"source": {"url": "https://sis.example.org", "page_size": 5, "auth": AUTH}},
        {"source": {"url": "https://sis.example.org", "auth": {**AUTH, "client_secret": "env:OTHER"}}},
        {"source": {"url": "https://sis.example.org", "auth": AUTH, "headers": {"X-A": "env:B"}}},
        {"schools": {"exclude": ["1"]}},
        {"sync": {"parents": True}},
        {"match": {"by": ["username"]}},
    ],
)
def test_source_schools_sync_and_match_make_an_integration_edited(changes: dict[str, Any]) -> None:
    assert settings_digest(integration(**changes)) != settings_digest(integration())


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "A title"},
        {"enabled": False},
        {"limits": {"removals": 1}},
        {"schedule": {"cron": "@daily"}},
        {"sync": {"parents": False, "full_every": "168h"}},
        {"schools": {"include": []}},
        {"source": {"url": "https://sis.example.org", "auth": AUTH, "timeout": 120, "rate_limit": 0, "headers": {}}},
        {"source": {"url": "https://sis.example.org", "auth": AUTH, "fields": "all"}},
    ],
)
def test_everything_else_and_a_default_written_out_do_not(changes: dict[str, Any]) -> None:
    assert settings_digest(integration(**changes)) == settings_digest(integration())


def test_the_digest_is_64_digits_and_stands_still() -> None:
    first = settings_digest(integration())
    assert len(first) == 64
    assert int(first, 16)
    assert settings_digest(integration()) == first


def vendor(load_text: Load, name: str, source: str = "", rest_of_file: str = "") -> IntegrationConfig:
    text = SMALL.replace("enabled = true", f'vendor = "{name}"').replace("\nurl", f"\n{source}\nurl")
    return load_text(text + rest_of_file).integration("springfield")


def test_powerschool_wants_the_credentials_in_the_body(load_text: Load) -> None:
    source = vendor(load_text, "powerschool").source
    assert isinstance(source, RestSource)
    assert isinstance(source.auth, OAuth2)
    assert source.auth.client_auth == "body"
    assert PROFILES["powerschool"].parents_warning


def test_ed_fi_is_always_fetched_in_full_and_gently(load_text: Load) -> None:
    integration = vendor(load_text, "ed-fi")
    assert isinstance(integration.source, RestSource)
    assert (integration.source.version, integration.source.page_size) == ("1.2", 500)
    assert 0 < integration.source.rate_limit * 60 <= 100
    assert integration.sync.mode == "full"


def test_the_file_wins_over_the_profile(load_text: Load) -> None:
    integration = vendor(
        load_text, "ed-fi", 'version = "1.1"\npage_size = 9', '[integrations.springfield.sync]\nmode = "auto"\n'
    )
    assert isinstance(integration.source, RestSource)
    assert (integration.source.version, integration.source.page_size) == ("1.1", 9)
    assert integration.sync.mode == "auto"


def test_classlink_signs_by_default_and_may_use_a_bearer(load_text: Load) -> None:
    signed = '[integrations.a]\nvendor = "classlink"\n[integrations.a.source]\nurl = "https://h"\n[integrations.a.source.auth]\n'
    source = load_text(f'{signed}client_id = "k"\nclient_secret = "env:S"\n').integration("a").source
    assert isinstance(source, RestSource)
    assert isinstance(source.auth, OAuth1)
    assert source.auth.signature_method == "HMAC-SHA256"
    bearer = load_text(f'{signed}type = "bearer"\ntoken = "env:T"\n').integration("a").source
    assert isinstance(bearer, RestSource)
    assert bearer.auth.type == "bearer"


@pytest.mark.parametrize(
    ("name", "url", "version"),
    [
        ("other", "https://h", "1.1"),
        ("other", "https://h/ims/oneroster/rostering/v1p2", "1.2"),
        ("infinite-campus", "https://h", "1.2"),
        ("infinite-campus", "https://h/campus/api/ims/oneroster/v1p1/", "1.1"),
    ],
)
def test_the_version_is_what_the_url_says_else_the_profiles(name: str, url: str, version: str) -> None:
    merged = with_profile({"vendor": name, "source": {"url": url, "auth": AUTH}})
    assert IntegrationConfig.model_validate({**merged, "key": "a"}).source.version == version  # type: ignore[union-attr]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_a_set_of_defaults_that_the_schema_takes(name: str) -> None:
    table = {"vendor": name, "source": {"url": "https://h", "auth": {"type": "oauth2", **AUTH}}}
    assert IntegrationConfig.model_validate({**with_profile(table), "key": "a"}).vendor == name
    usual = PROFILES[name].auth.get("type", "oauth2")
    auth = {key: AUTH[key] for key in ("client_id", "client_secret")} if usual == "oauth1" else AUTH
    plain = {"vendor": name, "source": {"url": "https://h", "auth": auth}}
    found = IntegrationConfig.model_validate({**with_profile(plain), "key": "a"})
    assert isinstance(found.source, RestSource)
    assert found.source.auth.type == usual


def test_a_profile_leaves_other_sources_and_broken_tables_alone() -> None:
    csv = {"vendor": "ed-fi", "source": {"type": "csv", "path": "a"}}
    assert with_profile(csv)["source"] == {"type": "csv", "path": "a"}
    assert with_profile({"vendor": "ed-fi", "source": 5, "sync": 6}) == {"vendor": "ed-fi", "source": 5, "sync": 6}
    assert "source" not in with_profile({"vendor": "ed-fi"})
    assert with_profile({"source": {"auth": 5, "url": 6}})["source"] == {"auth": 5, "url": 6}


def test_a_profile_does_not_change_what_it_is_given() -> None:
    table = {"vendor": "ed-fi", "source": {"url": "https://h", "auth": dict(AUTH)}, "sync": {"parents": True}}
    before = repr(table)
    with_profile(table)
    assert repr(table) == before


def test_pydantic_swallows_no_interrupt() -> None:
    config = integration()
    come: list[Place] = []

    def interrupt(place: Place) -> None:
        come.append(place)
        if len(come) == 1:  # a second one would end the program at once
            signal.raise_signal(signal.SIGINT)

    def followed() -> None:
        before = sys.gettrace()
        follow(re.compile(r"/config/source\.py$"), interrupt)
        try:
            settings_digest(config)
        finally:
            sys.settrace(before)

    with pytest.raises(Interrupted), ending_in_order():
        followed()
    assert come

"""Fixtures of the directories in the cloud: local services behind a certificate of a local authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from tests.directories.authority import Authority, Certificate
from tests.directories.cloud import running
from tests.directories.google_cloud import Google, Workspace
from tests.directories.graph_cloud import Graph, Tenant


@pytest.fixture
def no_pauses() -> Iterator[None]:
    """Retries do not wait, and are three at most."""
    with stamina.set_testing(testing=True, attempts=3, cap=True):
        yield


@pytest.fixture(scope="module")
def cloud_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "Springfield")


@pytest.fixture(scope="module")
def cloud_certificate(cloud_authority: Authority) -> Certificate:
    return cloud_authority.certificate("127.0.0.1")


@pytest.fixture
def google(cloud_certificate: Certificate, no_pauses: None) -> Iterator[Google]:  # noqa: ARG001
    cloud = Google()
    with running(cloud, cloud_certificate):
        yield cloud


@pytest.fixture
def workspace(google: Google, cloud_authority: Authority, tmp_path: Path) -> Workspace:
    return Workspace(google, cloud_authority, tmp_path)


@pytest.fixture
def graph(cloud_certificate: Certificate, no_pauses: None) -> Iterator[Graph]:  # noqa: ARG001
    cloud = Graph()
    with running(cloud, cloud_certificate):
        yield cloud


@pytest.fixture
def tenant(graph: Graph, cloud_authority: Authority) -> Tenant:
    return Tenant(graph, cloud_authority)

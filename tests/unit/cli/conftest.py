"""Documents to validate, and the command to validate them with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appflow_gitops_cli.main import cli

GOOD = """\
flowName: orders
triggerConfig: {triggerType: OnDemand}
sourceFlowConfig:
  connectorType: Salesforce
  connectorProfileName: crm
  sourceConnectorProperties: {Salesforce: {object: Order}}
destinationFlowConfigList:
  - connectorType: S3
    destinationConnectorProperties: {S3: {bucketName: data-lake}}
tasks:
  - {taskType: Map_all, sourceFields: [], connectorOperator: {Salesforce: NO_OP}}
"""

Write = Callable[[str, str], str]
Run = Callable[..., Result]


@pytest.fixture
def good() -> str:
    """A document without findings."""
    return GOOD


@pytest.fixture
def misspelt() -> str:
    """A document with an error of shape (AFG104) in line 11, column 16."""
    return GOOD.replace("Map_all", "MapAll")


@pytest.fixture
def without_destination() -> str:
    """A document with an error across fields (AFG210)."""
    start, end = GOOD.index("destinationFlowConfigList"), GOOD.index("tasks")
    return f"{GOOD[:start]}destinationFlowConfigList: []\n{GOOD[end:]}"


@pytest.fixture
def with_warning() -> str:
    """A document with a warning (AFG205)."""
    return GOOD.replace("connectorType: S3", "connectorType: S3\n    connectorProfileName: lake")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file to an empty current folder, and returns its name."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, content: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return name

    return write


@pytest.fixture
def run() -> Run:
    """Runs the command with these arguments."""

    def run(*arguments: str, standard_input: bytes = b"") -> Result:
        return CliRunner().invoke(cli, arguments, input=standard_input, prog_name="appflow-gitops")

    return run

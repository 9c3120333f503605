"""The generated parts of ``docs/local-appflow.md``: operations, switches and controls of the local AppFlow.

``python -m tools.docs.local_appflow`` rewrites them in place; a test compares the page with them. ``tools/moto_patch``
makes moto's page from the same facts.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from appflow_gitops_local.appflow.behaviour import Behaviour, switches
from appflow_gitops_local.appflow.entities import EntityDescription
from appflow_gitops_local.appflow.faults import Fault
from appflow_gitops_local.appflow.models import AppFlowBackend
from appflow_gitops_local.appflow.runs import Outcome
from appflow_gitops_local.appflow.shapes import service_model

PAGE = Path(__file__).parents[2] / "docs/local-appflow.md"
END = "<!-- End of the generated part -->"


def with_generated_parts(page: str) -> str:
    """Return the text of the page with generated parts that are up to date."""
    for name, generate in PARTS.items():
        start = f"<!-- Generated: make docs ({name}) -->"
        before, found, rest = page.partition(start)
        if not found:
            raise ValueError(f"the page has no part '{name}'")
        after = rest.partition(END)[2]
        page = f"{before}{start}\n\n{generate()}\n\n{END}{after}"
    return page


def operations() -> str:
    """Return the operations of botocore's model that the local AppFlow supports, and those that it does not."""
    names = service_model().operation_names
    supported = [name for name in names if hasattr(AppFlowBackend, _snake(name))]
    text = f"{len(supported)} of {len(names)}: {', '.join(supported)}."
    missing = [name for name in names if name not in supported]
    return text + (f" Not supported: {', '.join(missing)}." if missing else "")


def switch_table() -> str:
    """Return one row per switch."""
    rows = (
        f"| `{name}` | {_shown(entry.default)} | {entry.metadata['about']} "
        f"| {entry.metadata['sure']} | {entry.metadata['source']} |"
        for name, entry in zip(Behaviour().to_json(), switches(), strict=True)
    )
    return "\n".join(
        ["| switch | default | effect | sure | source |", "| --- | --- | --- | --- | --- |", *rows]
    )


def members(kind: type[Any]) -> Callable[[], str]:
    """Return a function that lists the members of a JSON form, with the documentation in its source."""

    def table() -> str:
        rows = (f"| `{entry.name}` | {_default(entry)} | {text} |" for entry, text in _documented(kind))
        return "\n".join(["| member | default | meaning |", "| --- | --- | --- |", *rows])

    return table


PARTS: dict[str, Callable[[], str]] = {
    "operations": operations,
    "switches": switch_table,
    "faults": members(Fault),
    "runs": members(Outcome),
    "entities": members(EntityDescription),
}


def moto_page() -> str:
    """Return the page of the service in moto's documentation."""
    rows = "\n".join(
        f"- ``{name}`` (default {_shown(entry.default).replace('`', '``')}): "
        f"{entry.metadata['about'].replace('`', '``')}"
        for name, entry in zip(Behaviour().to_json(), switches(), strict=True)
    )
    names = "\n".join(f"- [X] {_snake(name)}" for name in service_model().operation_names)
    return _MOTO_PAGE.format(operations=names, switches=rows)


_MOTO_PAGE = """.. _implementedservice_appflow:

.. |start-h3| raw:: html

    <h3>

.. |end-h3| raw:: html

    </h3>

=======
appflow
=======

|start-h3| Implemented features for this service |end-h3|

{operations}

|start-h3| Runs |end-h3|

Flows run without data: on demand, and on schedule as the clock moves. Each run has a record, and sends its events to
the default event bus. The outcome of the next runs can be set, for instance to two failures:

.. sourcecode:: python

    requests.post(
        "http://motoapi.amazonaws.com/moto-api/appflow/runs",
        json={{"flowName": "orders", "status": "Error", "message": "The token expired.", "times": 2}},
    )

|start-h3| Fields of the source |end-h3|

The fields of a connector entity can be set. A run fails if a field that the flow maps is missing:

.. sourcecode:: python

    requests.post(
        "http://motoapi.amazonaws.com/moto-api/appflow/entities",
        json={{"connectorType": "Salesforce", "entity": "Account", "fields": [{{"identifier": "Id"}}]}},
    )

|start-h3| Behaviour |end-h3|

Where the behaviour of AppFlow is uncertain, a switch states the assumption:

.. sourcecode:: python

    requests.post(
        "http://motoapi.amazonaws.com/moto-api/appflow/behaviour",
        json={{"strictProfiles": False, "clockOffsetSeconds": 3600}},
    )

{switches}
"""


def _documented(kind: type[Any]) -> Iterator[tuple["Field[Any]", str]]:
    """Yield the fields of a dataclass with the string below each."""
    body = inspect.getsource(kind)
    for entry in fields(kind):
        found = re.search(rf'\n    {entry.name}: [^\n]*\n    """(.*?)"""', body, re.DOTALL)
        text = " ".join(found[1].split()) if found else ""
        yield entry, text.replace("``", "`").removesuffix(".")


def _default(entry: "Field[Any]") -> str:
    return "required" if entry.default is MISSING else _shown(entry.default)


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return ", ".join(str(item) for item in default)
    return f"`{json.dumps(default)}`" if not isinstance(default, str) else f"`{default}`"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    PAGE.write_text(with_generated_parts(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

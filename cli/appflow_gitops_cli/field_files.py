"""Pulled fields: one JSON file per object of a connector, so that documents are checked without AWS.

``fields pull`` writes the files, ``fields diff`` and ``validate`` read them. The port ``ConnectorEntities``,
implemented with these files, is ``FieldFiles``.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.validation.fields.entity import Entity, EntityKey, parse_entity
from appflow_gitops_cli.main import CommandError

DEFAULT_FOLDER = "fields"

_MEMBERS = {"connectorType", "connectorProfileName", "connectorEntityName", "pulledAt", "fields"}
"""The members of every file. Only ``apiVersion`` is optional."""


@dataclass(frozen=True, slots=True)
class PulledEntity:
    """The content of a file."""

    entity: Entity
    pulled_at: datetime


@dataclass(frozen=True, slots=True)
class FieldFiles:
    """The files of a folder. ``used`` are those that were read."""

    folder: Path
    used: dict[EntityKey, PulledEntity] = field(default_factory=dict)

    def path(self, key: EntityKey) -> Path:
        """The file of an object: connector, profile and object, with other characters percent-encoded."""
        version = f"@{key.api_version}" if key.api_version else ""
        return (
            self.folder
            / _encoded(key.connector)
            / _encoded(key.profile)
            / f"{_encoded(key.name + version)}.json"
        )

    def write(self, key: EntityKey, entity: Entity, now: datetime) -> Path:
        """Write the file of an object. Raises OSError."""
        value = {
            "connectorType": key.connector,
            "connectorProfileName": key.profile,
            "connectorEntityName": key.name,
            **({"apiVersion": key.api_version} if key.api_version else {}),
            "pulledAt": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "fields": [dict(entity.fields[name].members) for name in sorted(entity.fields)],
        }
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        return path

    def read(self, key: EntityKey) -> PulledEntity | None:
        """The pulled object; ``None`` if it was not pulled. Raises CommandError for a file that cannot be read."""
        path = self.path(key)
        try:
            value: Any = json.loads(path.read_text(encoding="utf-8"))
            return PulledEntity(
                parse_entity(list(value["fields"])), datetime.fromisoformat(value["pulledAt"])
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(
                f"cannot read {path}: {error}; write it again with 'appflow-gitops fields pull'"
            ) from None

    def describe(self, key: EntityKey) -> Entity:
        """The pulled object. Raises ``PermanentError`` if it was not pulled."""
        pulled = self.read(key)
        if pulled is None:
            raise PermanentError("NotPulled", "run 'appflow-gitops fields pull'")
        self.used[key] = pulled
        return pulled.entity

    def names(self, key: EntityKey) -> None:
        """The files do not list all objects."""

    def reset(self, key: EntityKey) -> None:
        """Files have no cache."""

    def contain(self, file: str) -> bool:
        """Whether ``write`` wrote the file into the folder. Every other file in the folder is a document."""
        path = Path(os.path.abspath(file))  # noqa: PTH100 - keeps links
        if not (path.is_relative_to(os.path.abspath(self.folder)) and path.is_file()):  # noqa: PTH100 - keeps links
            return False
        try:
            value: Any = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return False
        return isinstance(value, dict) and value.keys() - {"apiVersion"} == _MEMBERS


def _encoded(name: str) -> str:
    """The name as one path segment that is neither hidden nor a parent folder."""
    encoded = quote(name, safe=" @+=,#!")
    return f"%2E{encoded[1:]}" if encoded.startswith(".") else encoded

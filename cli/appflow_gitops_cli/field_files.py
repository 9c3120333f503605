"""Pulled fields: one JSON file per object of a connector, so that documents are checked without AWS.

``fields pull`` writes the files, ``fields diff`` and ``validate`` read them. The port ``ConnectorEntities``,
implemented with these files, is ``FieldFiles``.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import PermanentError
from appflow_gitops.validation.fields.entity import Entity, EntityKey, parse_entity
from appflow_gitops_cli.main import CommandError

DEFAULT_FOLDER = "fields"

_MEMBERS = {"connectorType", "connectorProfileName", "connectorEntityName", "pulledAt", "fields"}
"""The members of every file. Only ``apiVersion`` is optional."""
_START = 1_024
_MAX_BYTES = 64 << 20
"""Larger files are not parsed."""


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
            **_key_members(key),
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
            return _parse(key, path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except RecursionError:
            reason = "nested too deeply"
        except (OSError, ValueError) as error:
            reason = str(error)
        raise CommandError(f"cannot read {path}: {reason}; write it again with 'appflow-gitops fields pull'")

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


def is_pulled_file(file: str) -> bool:
    """Whether the file has the members of a file with pulled fields, which no document has."""
    path = Path(file)
    try:
        if path.suffix != ".json" or not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return False
        with path.open("rb") as opened:
            # Documents are not parsed twice: the names of the object are at the start of a pulled file.
            if b'"connectorEntityName"' not in (start := opened.read(_START)):
                return False
            value: Any = json.loads(start + opened.read())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.keys() - {"apiVersion"} == _MEMBERS


def _key_members(key: EntityKey) -> dict[str, str]:
    """The members of a file that name its object."""
    return {
        "connectorType": key.connector,
        "connectorProfileName": key.profile,
        "connectorEntityName": key.name,
        **({"apiVersion": key.api_version} if key.api_version else {}),
    }


def _parse(key: EntityKey, text: str) -> PulledEntity:
    """The content of the file of this object. Raises ValueError, and RecursionError for deep nesting."""
    read: Any = json.loads(text)
    value = read if isinstance(read, dict) else {}
    for member, expected in {"apiVersion": "", **_key_members(key)}.items():
        if (found := value.get(member, "")) != expected:
            raise ValueError(f"{member} is {quoted(found)}, expected {quoted(expected)}")
    pulled_at, fields = value.get("pulledAt"), value.get("fields")
    at = datetime.fromisoformat(pulled_at) if isinstance(pulled_at, str) else None
    if at is None or at.tzinfo is None:
        raise ValueError("pulledAt: expected a time with a time zone")
    entity = parse_entity(fields if isinstance(fields, list) else ())
    if not entity.fields:
        raise ValueError("the file has no fields")
    return PulledEntity(entity, at)


def _encoded(name: str) -> str:
    """The name as one path segment that is neither hidden nor a parent folder."""
    encoded = quote(name, safe=" @+=,#!")
    return f"%2E{encoded[1:]}" if encoded.startswith(".") else encoded

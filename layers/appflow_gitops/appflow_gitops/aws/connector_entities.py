"""The objects of connectors: the port ``ConnectorEntities`` implemented with boto3."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import translated
from appflow_gitops.service import service
from appflow_gitops.validation.fields.entity import Entity, EntityKey, parse_entity

if TYPE_CHECKING:
    from mypy_boto3_appflow import AppflowClient
    from mypy_boto3_appflow.type_defs import ConnectorEntityTypeDef

PAGE_SIZE = 1000


@service
class AppFlowEntities:
    """The connectors of one account and region."""

    client: "AppflowClient"

    def describe(self, key: EntityKey) -> Entity | None:
        """DescribeConnectorEntity."""
        with translated():
            try:
                answer = self.client.describe_connector_entity(
                    connectorEntityName=key.name, **_connection(key)
                )
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                    return None
                raise
        return parse_entity(cast("list[Any]", answer["connectorEntityFields"]))

    def names(self, key: EntityKey) -> tuple[str, ...] | None:
        """ListConnectorEntities, without nested ones."""
        entities = list(self._entities(key))
        if any(entity.get("hasNestedEntities") for entity in entities):
            return None
        return tuple(entity["name"] for entity in entities)

    def reset(self, key: EntityKey) -> None:
        """ResetConnectorMetadataCache. One call resets the fields of the object, another the names of all objects."""
        with translated():
            self.client.reset_connector_metadata_cache(connectorEntityName=key.name, **_connection(key))
            self.client.reset_connector_metadata_cache(**_connection(key))

    def _entities(self, key: EntityKey) -> "Iterator[ConnectorEntityTypeDef]":
        following: dict[str, Any] = {}
        while True:
            with translated():
                page = self.client.list_connector_entities(
                    maxResults=PAGE_SIZE, **_connection(key), **following
                )
            for group in page["connectorEntityMap"].values():
                yield from group
            if not page.get("nextToken"):
                return
            following = {"nextToken": page["nextToken"]}


def _connection(key: EntityKey) -> Mapping[str, Any]:
    members = {
        "connectorType": key.connector,
        "connectorProfileName": key.profile,
        "apiVersion": key.api_version,
    }
    return {name: value for name, value in members.items() if value}

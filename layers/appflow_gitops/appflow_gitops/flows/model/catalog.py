"""The data catalog that registers the transferred data."""

from appflow_gitops.flows.model.scalars import (
    GlueDataCatalogDatabaseName,
    GlueDataCatalogIAMRole,
    GlueDataCatalogTablePrefix,
)
from appflow_gitops.flows.model.structure import Omittable, Structure


class GlueDataCatalogConfig(Structure):
    """The Glue database, and the role that may write to it."""

    roleArn: GlueDataCatalogIAMRole
    databaseName: GlueDataCatalogDatabaseName
    tablePrefix: GlueDataCatalogTablePrefix


class MetadataCatalogConfig(Structure):
    """The catalog that registers the flow's data."""

    glueDataCatalog: Omittable[GlueDataCatalogConfig] = None

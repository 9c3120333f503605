"""Where a flow catalogs what it transferred."""

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
    """Which catalog the flow's data is registered in."""

    glueDataCatalog: Omittable[GlueDataCatalogConfig] = None

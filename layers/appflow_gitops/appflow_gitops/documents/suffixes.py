"""The file name suffixes of documents, in lower case. Compare them with lower-cased names."""

JSON_SUFFIX = ".json"
YAML_SUFFIXES = (".yaml", ".yml")
DOCUMENT_SUFFIXES = (JSON_SUFFIX, *YAML_SUFFIXES)

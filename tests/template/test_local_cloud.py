"""The template also deploys to moto, which supports fewer resource types than AWS."""

from collections.abc import Iterator
from typing import Any

from moto.cloudformation.parsing import get_model_map

from template.stack import Stack


def references(value: Any) -> Iterator[str]:
    """The logical ids that a value refers to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def test_no_resource_that_moto_creates_refers_to_one_that_it_skips(stack: Stack) -> None:
    skipped = {name for name, resource in stack.resources.items() if resource["Type"] not in get_model_map()}
    created = {name: resource for name, resource in stack.resources.items() if name not in skipped}
    assert len(created) > len(skipped)
    referred = {name for part in (created, stack.template["Outputs"]) for name in references(part)}
    assert referred & set(created)
    assert referred & skipped == set()

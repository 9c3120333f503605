"""CloudFormation's functions in YAML, which are tags, as its JSON spells them. ``yaml_text`` calls it."""

from collections.abc import Iterator

import yaml

from appflow_gitops.documents.yaml_scalars import cloudformation_function

_STRING = "tag:yaml.org,2002:str"


def expand_functions(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    """Yield the events of a YAML text; those of ``!Sub text`` become those of ``{"Fn::Sub": "text"}``."""
    stack: list[bool] = []
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            yield event
            if stack.pop():
                yield yaml.MappingEndEvent(event.start_mark, event.end_mark)
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            function = cloudformation_function(event.tag)
            if function:
                yield from _call(function, event)
            if isinstance(event, yaml.CollectionStartEvent):
                yield _without_tag(event) if function else event
                stack.append(bool(function))
            elif function:
                marks = event.start_mark, event.end_mark
                yield yaml.ScalarEvent(None, _STRING, (False, False), event.value, *marks)
                yield yaml.MappingEndEvent(*marks)
            else:
                yield event
        else:
            yield event


def _call(function: str, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Iterator[yaml.Event]:
    """Yield the start of the object, which gets the anchor of the call, and its only key."""
    start = event.start_mark
    yield yaml.MappingStartEvent(event.anchor, None, True, start, start)  # noqa: FBT003 - PyYAML's signature
    yield yaml.ScalarEvent(None, _STRING, (False, False), function, start, start)


def _without_tag(event: yaml.CollectionStartEvent) -> yaml.CollectionStartEvent:
    return type(event)(None, None, True, event.start_mark, event.end_mark)  # noqa: FBT003 - PyYAML's signature

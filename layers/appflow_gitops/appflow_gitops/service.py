"""The decorator of classes that do work with what they were made with: ``@service``."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Service = TypeVar("Service")


@dataclass_transform(frozen_default=True, eq_default=False)
def service(cls: type[Service]) -> type[Service]:
    """A dataclass without comparison and ``repr``, frozen for the type checker only.

    Services are neither compared nor printed. Each method that a dataclass generates makes the cold start longer: a
    frozen one with comparison and ``repr`` takes four times as long as this.
    """
    return dataclass(slots=True, eq=False, repr=False)(cls)

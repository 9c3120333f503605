"""The template as SAM expands it, made once for all tests here."""

import pytest

from appflow_gitops_local.template import read_template, transformed, with_code_at
from template.stack import REGION, TEMPLATE, Stack


@pytest.fixture(scope="session")
def stack() -> Stack:
    """template.yaml after the SAM transform, its code pointed at a placeholder."""
    pointed = with_code_at(read_template(TEMPLATE), "code", "placeholder.zip")
    return Stack(transformed(pointed, {}, REGION))

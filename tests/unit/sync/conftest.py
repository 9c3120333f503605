"""What the tests of ``sync`` share."""

import pytest

from fakes.world import World


@pytest.fixture
def world() -> World:
    return World()

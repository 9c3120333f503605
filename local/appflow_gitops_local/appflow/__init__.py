"""Amazon AppFlow for moto: the service as its users know it, in memory.

Laid out as moto lays out its own services. The local cloud and the integration tests call :func:`register`
before ``mock_aws()`` or moto's server starts; afterwards plain boto3 talks to it.

What is known and what is not: requests are checked against botocore's service model ``appflow/2020-08-23``,
so the shape of requests, answers and errors is AWS's own. How flows change, which changes are refused and
what DescribeFlow adds comes from AWS's documentation and from what users reported in public; where only some
reports agree, or where nothing is known, a switch of :class:`Behaviour` says what is assumed.
``docs/local-appflow.md`` lists every switch with its certainty, and every error text that is our own wording.
"""

from .behaviour import Behaviour
from .models import appflow_backends
from .register import register

__all__ = ["Behaviour", "appflow_backends", "register"]

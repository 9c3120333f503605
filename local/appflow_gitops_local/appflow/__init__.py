"""Amazon AppFlow for moto, in memory.

The package has the layout of moto's own services. Call :func:`register` before ``mock_aws()`` or before moto's
server starts; boto3 then reaches AppFlow as it reaches any service of moto.

Requests are checked against botocore's service model ``appflow/2020-08-23``, so requests, responses and errors have
AWS's shapes. How flows change, which changes are rejected and what DescribeFlow adds follows the AWS documentation
and public reports. Where the behaviour of AWS is uncertain or unknown, a switch of :class:`Behaviour` states the
assumption. ``docs/local-appflow.md`` lists every switch and its certainty.
"""

from .behaviour import Behaviour
from .models import appflow_backends
from .register import register

__all__ = ["Behaviour", "appflow_backends", "register"]

"""The permission to run a flow by a request. ``intake`` checks it for the request, ``apply`` again before the run."""

from appflow_gitops.quoting import quoted
from appflow_gitops.sync.errors import ErrorDetail
from appflow_gitops.validation.environment import Environment


def run_objection(environment: Environment, flow_name: str) -> ErrorDetail | None:
    """Why requests may not run the flow; ``None`` if the policy allows it. Without a policy, none may."""
    if environment.policy and environment.policy.may_run(flow_name):
        return None
    message = (
        f"the policy does not allow requests to run flow {quoted(flow_name)}; add its name to requests.runs in "
        "policy.yaml"
    )
    return ErrorDetail("RunNotAllowed", message)

"""appflow-gitops without an AWS account: AppFlow for moto, and the local cloud around it.

``appflow`` is the AppFlow service, laid out as moto lays out its own. The modules beside it are the local
cloud, tied together by ``cloud``: one endpoint for every service (``server``), template.yaml brought into
moto (``template``, ``deployment``), and the functions run when their events arrive (``delivery``,
``runtime``, ``worker``). The command ``appflow-gitops local``, the demo and the tests use it; nothing of it
is deployed.
"""

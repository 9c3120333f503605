"""Which key each file has in the bucket, by the paths on the command line, the prefix and the policy."""

from pathlib import Path

import pytest

from appflow_gitops_cli.documents.keys import find_keys
from appflow_gitops_cli.documents.sources import find_sources
from appflow_gitops_cli.environment import read_environment

FILES = ("flows/a.json", "flows/sales/b.json", "other/c.json")


@pytest.mark.parametrize(
    ("paths", "policy", "keys", "folders"),
    [
        (["flows"], False, ["flows/a.json", "flows/sales/b.json"], ("flows/",)),
        (["flows/sales"], False, ["flows/sales/b.json"], ("flows/sales/",)),
        (["other"], False, ["flows/c.json"], ("flows/",)),
        (["."], False, ["flows/a.json", "flows/sales/b.json", None], ("",)),
        (["other/c.json"], False, [None], ()),
        (["flows/a.json"], False, ["flows/a.json"], ()),
        (["empty"], False, [], ("flows/",)),
        (["flows/none"], False, [], ("flows/none/",)),
        (["flows"], True, ["flows/a.json", "flows/sales/b.json"], ("flows/",)),
        (["other"], True, ["other/c.json"], ("other/",)),
        (["flows/none"], True, [], ("flows/none/",)),
        (["empty"], True, [], ("empty/",)),
        (["flows/sales", "other/c.json"], True, ["flows/sales/b.json", "other/c.json"], ("flows/sales/",)),
    ],
)
def test_a_key_is_the_path_below_the_prefix_or_beside_the_policy(  # noqa: PLR0917
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    paths: list[str],
    policy: bool,
    keys: list[str | None],
    folders: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in FILES:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text("{}")
    for folder in ("empty", "flows/none"):
        Path(folder).mkdir()
    Path("policy.yaml").write_text("documents: []\n")
    local = read_environment("policy.yaml" if policy else None, None)
    sources = [source for source in find_sources(paths, may_be_empty=True) if source.name != "policy.yaml"]
    found = find_keys(paths, sources, "flows/", local)
    assert ([found.of[source.name] for source in sources], found.folders) == (keys, folders)
    assert all(found.contain(key) for key in keys if key)
    assert not found.contain("elsewhere/x.json") or folders == ("",)

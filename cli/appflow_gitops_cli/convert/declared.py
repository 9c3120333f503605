"""Flows as other tools declare them. The readers of the tools yield them, ``conversion`` writes them as documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from appflow_gitops.documents.limits import MAX_BYTES
from appflow_gitops.documents.variables import VariableValue
from appflow_gitops.findings import Finding, Issue, Json, Path, RuleInfo, Severity
from appflow_gitops.quoting import listed, quoted
from appflow_gitops.validation.shape.messages import type_name
from appflow_gitops_cli.convert.placeholders import Placeholders

NOT_CONVERTIBLE = RuleInfo("convert", Severity.ERROR, "Not convertible", "", "", "")
"""What ``convert`` reports. It is not a rule of documents."""


_SHOWN_KEYS = 5
_FALSE = ("none", "", "false", "no", "n", "off", "0")


class Tool(Enum):
    """The tool that manages a flow until it is handed over. The value is its name."""

    APPFLOW = "AppFlow"
    CLOUDFORMATION = "CloudFormation"
    CDK = "CDK"
    SERVERLESS = "Serverless Framework"
    CLOUD_CONTROL = "Cloud Control API"
    TERRAFORM = "Terraform"
    PULUMI = "Pulumi"


@dataclass(frozen=True, slots=True)
class DeclaredFlow:
    """A flow in another tool's spelling, at ``path`` of its document. References in ``value`` are resolved.

    ``address`` is the name of the resource in its tool. ``is_state`` says that it was read from AppFlow: the key may be
    the default one then. ``is_described`` says that it is what AppFlow returned, with the tasks that Map_all generates.
    ``sets_status`` says that the tool chooses the flow's status, ``is_document`` that its text may use our variables.
    """

    tool: Tool
    address: str
    path: Path
    value: Json
    is_state: bool = False
    is_described: bool = False
    sets_status: bool = True
    is_document: bool = False


class TooLargeError(Exception):
    """The converted text of a file is longer than a document may be."""


@dataclass(slots=True)
class FileContext:
    """One file that is being converted: its name, what is not convertible in it, and the variables of all files."""

    file: str
    placeholders: Placeholders
    findings: list[Finding] = field(default_factory=list)
    _room: int = MAX_BYTES

    def refuse(self, path: Path, message: str, hint: str | None = None, *, of_name: bool = False) -> Json:
        """Report that the value at ``path`` cannot be converted; return null, which leaves it out.

        With ``of_name``, the report points to the key of the value.
        """
        self.findings.append(Issue(NOT_CONVERTIBLE, path, message, hint).to_finding(of_name=of_name))
        return None

    def text(self, text: str) -> str:
        """Return literal text.

        Raises TooLargeError when all texts of the file together are too long: references and aliases repeat text.
        """
        self.spend(len(text))
        return text

    def spend(self, characters: int) -> None:
        """Count characters of converted text; a value counts as one.

        Raises TooLargeError when all characters of the file together are too many.
        """
        self._room -= characters
        if self._room < 0:
            raise TooLargeError

    def variable(
        self, reference: str, words: str, value: VariableValue | None = None, *, shared: bool = False
    ) -> str:
        """Return the mark for a reference; if ``shared``, it is the same variable in all files."""
        return self.text(self.placeholders.add("" if shared else self.file, reference, words, value))


def refuse_unread(
    context: FileContext,
    path: Path,
    read: Iterable[Path],
    resources: Iterable[tuple[Path, str, Json]],
    hint: str,
) -> None:
    """Report each flow of a file that has no settings at any path of ``read``.

    ``resources`` has the path, the address and the settings of each flow of the object at ``path``.
    """
    covered = {place[:length] for place in read for length in range(len(place) + 1)}
    for place, address, settings in resources:
        if place not in covered:
            message = f"expected the settings of {quoted(address)}, got {_shown(settings)}"
            context.refuse((*path, *place), message, hint)


def _shown(settings: Json) -> str:
    if isinstance(settings, dict):
        return f"only {listed(settings, _SHOWN_KEYS)}" if settings else "an empty object"
    return "none" if settings is None else type_name(settings)


class Values:
    """Resolves the values of a file without references: every string is literal text.

    Subclasses know the references of one tool. A value that resolves to None is left out.
    """

    def __init__(self, context: FileContext) -> None:
        self.context = context

    def resolve(self, value: Json, path: Path) -> Json:
        """Return the value at ``path`` with all references resolved, or replaced by placeholders."""
        self.context.spend(1)
        match value:
            case str():
                return self.text(value, path)
            case dict():
                if self.is_reference(value):
                    return self.reference(value, path)
                resolved = {key: self.resolve(inner, (*path, key)) for key, inner in value.items()}
                return {key: inner for key, inner in resolved.items() if inner is not None}
            case list():
                items = [self.resolve(inner, (*path, index)) for index, inner in enumerate(value)]
                # Terraform may write an empty block as null.
                return [
                    item
                    for item, inner in zip(items, value, strict=True)
                    if item is not None or inner is None
                ]
        return value

    def text(self, text: str, path: Path) -> Json:  # noqa: ARG002 - subclasses report where
        """Return a string with its references resolved."""
        return self.context.text(text)

    def is_reference(self, value: Mapping[str, Json]) -> bool:  # noqa: ARG002 - subclasses decide
        """Return whether the object is a reference or a function of the tool."""
        return False

    def reference(self, value: Mapping[str, Json], path: Path) -> Json:  # noqa: ARG002 - subclasses report where
        """Return the value of a reference or function; without any, the object as it is."""
        return dict(value)


def marks_secret(flag: Json) -> bool:
    """Return whether a flag says that a value is secret: in any spelling, unless it is absent or clearly false."""
    return str(flag).strip().lower() not in _FALSE


def words_of(path: Path) -> str:
    """Return the name of a variable for the value at ``path``: its last two keys."""
    keys = [step for step in path if isinstance(step, str) and step not in ("Properties", "Fn::If")]
    return "_".join(keys[-2:]) or "value"

"""Question and Answer: what is asked about AppFlow, what the local one takes for granted, and what was seen instead.

``questions`` lists the questions, ``verify`` has them answered, ``report`` writes the answers down.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from appflow_gitops.aws.errors import THROTTLING_CODES

if TYPE_CHECKING:
    from tools.verify_on_aws.laboratory import Laboratory

Verdict = Literal["same", "different", "not answered"]

_NO_ANSWERS = THROTTLING_CODES | {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalServerException",
    "ResourceNotFoundException",
}
"""Errors about the caller, the moment or the laboratory. They say nothing about what was asked."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: the outcome in a few words, comparable with what is assumed, and the raw facts behind it."""

    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is not known for sure."""

    asks: str
    assumed: str
    """The outcome with the local AppFlow. A test holds it to that."""
    look: "Callable[[Laboratory], Seen]"
    """Tries it on the flow of a laboratory, which is at its base. Raises botocore's errors."""
    switch: str = ""
    """The switch of the local AppFlow (docs/local-appflow.md) that this decides about, if there is one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question. Without an outcome the question was not answered; ``detail`` then says why."""

    question: Question
    outcome: str | None
    detail: str

    @property
    def verdict(self) -> Verdict:
        """Whether AppFlow does what the local one does."""
        if self.outcome is None:
            return "not answered"
        return "same" if self.outcome == self.question.assumed else "different"


def answer(question: Question, laboratory: "Laboratory") -> Answer:
    """Bring the flow to its base and look. A failure is an answer that is missing; the next question is asked still."""
    try:
        laboratory.back_to_base()
        seen = question.look(laboratory)
    except Exception as error:  # noqa: BLE001 - whatever AppFlow surprises us with, the other answers count
        return Answer(question, None, f"{type(error).__name__}: {error}")
    return Answer(question, seen.outcome, seen.detail)


def refusal(call: Callable[..., object], **members: Any) -> ClientError | None:
    """Return the error of a rejected call, None for an accepted one. Raises errors that answer no question."""
    try:
        call(**members)
    except ClientError as error:
        if code_of(error) in _NO_ANSWERS:
            raise
        return error
    return None


def code_of(error: Exception) -> str:
    """The error code that AWS gave; empty where it was not AWS that failed."""
    return error.response["Error"].get("Code", "") if isinstance(error, ClientError) else ""


def status_of(error: ClientError) -> int:
    """The HTTP status of an error."""
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def raw(error: ClientError) -> str:
    """Code, HTTP status and message of an error."""
    return f"{code_of(error)}, HTTP {status_of(error)}: {error.response['Error'].get('Message', '')}"

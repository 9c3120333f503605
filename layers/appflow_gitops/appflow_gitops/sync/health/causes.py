"""Causes of failed runs in plain words, by what AppFlow's message contains. The original is always reported too.

AppFlow documents none of these messages: they are passed on from the source or destination, in that system's words.
"""

import re

_CAUSES = (
    (
        r"does not have the mapped fields|no such column|invalid_field|field .*(not|n't) (exist|found)",
        "a field that the flow uses is missing in the source or destination; change the tasks in the document",
    ),
    (
        r"invalid_grant|expired.*(token|session)|(token|session).*(expired|invalid)|invalid_session_id|re-?authenticate",
        "the credentials of the connector profile have expired; connect the profile again",
    ),
    (
        r"invalid.*(credential|password|api key)|unauthori[sz]ed|\b401\b|authentication fail",
        "the system rejected the credentials of the connector profile; update the profile",
    ),
    (
        r"access ?denied|not authori[sz]ed|insufficient.*(privilege|permission|access)|forbidden|\b403\b",
        "a permission is missing: of the connector profile's user, or of AppFlow on the bucket or key",
    ),
    (
        r"limit_exceeded|rate.?limit|too many requests|\b429\b|throttl|quota",
        "the system limits requests; run the flow less often or at another time",
    ),
    (
        r"no ?such ?bucket|bucket.*does not exist",
        "the bucket does not exist; create it, or declare a flow with another bucket",
    ),
    (r"time(d)?[ -]?out", "the system did not respond in time; the next run may succeed"),
    (
        r"service ?unavailable|internal (server )?error|\b50[0234]\b|maintenance",
        "the system failed or is not available; the next run may succeed",
    ),
)


def explain(message: str | None) -> str | None:
    """Return the cause that AppFlow's message points to, and what to do; ``None`` where it is unknown."""
    if not message:
        return None
    return next((cause for pattern, cause in _CAUSES if re.search(pattern, message, re.IGNORECASE)), None)

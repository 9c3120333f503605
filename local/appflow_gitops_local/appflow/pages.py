"""Pages of results, and the tokens that lead from one to the next."""

import base64
from collections.abc import Mapping
from typing import TypeVar

from .definition import Members
from .exceptions import ValidationException

DEFAULT_SIZE = 20
"""The documented default of ``maxResults``. ListFlows was seen to return up to 100 entries."""

Item = TypeVar("Item")


def page(
    items: Mapping[str, Item], request: Members, default_size: int = DEFAULT_SIZE
) -> tuple[list[Item], str | None]:
    """Return a page of items by name, and the token of the next page.

    The token contains the last name of the page, so items that are added or removed between two requests do not move
    others to another page.
    """
    after = _name_in_token(request["nextToken"]) if "nextToken" in request else ""
    names = sorted(name for name in items if name > after)
    size = request.get("maxResults", default_size)
    token = base64.urlsafe_b64encode(names[size - 1].encode()).decode() if len(names) > size else None
    return [items[name] for name in names[:size]], token


def _name_in_token(token: str) -> str:
    """Return the name in a nextToken. Raises ValidationException for an invalid token."""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise ValidationException("The nextToken is not valid.") from None

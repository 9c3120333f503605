"""Scripts: effects in their order, each as often as it was set."""

from dataclasses import dataclass

import pytest

from appflow_gitops_local.appflow.scripts import Script


@dataclass(frozen=True)
class Effect:
    name: str
    times: int | None = 1


def script(*effects: Effect) -> Script[Effect]:
    made: Script[Effect] = Script()
    for effect in effects:
        made.add(effect)
    return made


def names(script: Script[Effect], number: int, *, only: str = "") -> list[str | None]:
    found = [script.next(lambda effect: effect.name.startswith(only)) for _ in range(number)]
    return [effect and effect.name for effect in found]


def test_an_effect_happens_as_often_as_it_was_set_before_the_next_does() -> None:
    effects = script(Effect("a", 2), Effect("b"), Effect("c", None))
    assert names(effects, 1) == ["a"]
    assert [(effect.name, left) for effect, left in effects.remaining()] == [("a", 1), ("b", 1), ("c", None)]
    assert names(effects, 4) == ["a", "b", "c", "c"]
    assert [(effect.name, left) for effect, left in effects.remaining()] == [("c", None)]
    effects.clear()
    assert names(effects, 1) == [None]


def test_only_an_effect_that_matches_is_counted_down() -> None:
    effects = script(Effect("a"), Effect("b", 2))
    assert names(effects, 3, only="b") == ["b", "b", None]
    assert names(effects, 2) == ["a", None]


@pytest.mark.parametrize("times", [0, -1])
def test_an_effect_that_never_happens_is_refused(times: int) -> None:
    with pytest.raises(ValueError, match=r"^times: expected 1 or more, or null$"):
        script(Effect("a", times))

"""A planted bug must reach every caller of what it replaces, and must be removed again completely."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from threading import Thread
from types import ModuleType

import pytest

from tests.simulation.planted.bug import Bug, Replacement, always_return, change_result, set_constant, wrap
from tests.simulation.planted.planting import DoesNotFit, planted

HOME = "chalicelib.planting_home"
USER = "chalicelib.planting_user"


def double(number: int) -> int:
    return 2 * number


@cache
def cached(number: int) -> int:
    return 2 * number


def caller(number: int) -> int:
    return sys.modules[USER].twice(number)


@dataclass(frozen=True)
class Box:
    number: int = 1

    def doubled(self) -> int:
        return 2 * self.number

    @property
    def half(self) -> float:
        return self.number / 2

    @staticmethod
    def fixed(number: int) -> int:
        return number

    @classmethod
    def named(cls) -> str:
        return cls.__name__


class SmallBox(Box):
    pass


@pytest.fixture
def modules(monkeypatch):
    """A module with functions, and another that imported them by name."""
    home, user = ModuleType(HOME), ModuleType(USER)
    vars(home).update(double=double, cached=cached, caller=caller, Box=Box, SmallBox=SmallBox, MOST=4, _TRIES=6)
    vars(user).update(twice=double, MOST=4, LEAST=4, _TRIES=6)
    monkeypatch.setitem(sys.modules, HOME, home)
    monkeypatch.setitem(sys.modules, USER, user)
    return home, user


def bug(*replacements: Replacement) -> Bug:
    return Bug("example", "why", replacements)


def test_a_function_is_replaced_in_every_module_that_holds_it(modules):
    """A name from `from x import y` refers to the function itself: replacing it in one module is not enough."""
    home, user = modules
    with planted(bug(change_result(HOME, "double", lambda result: result + 1))):
        assert (home.double(3), user.twice(3)) == (7, 7)
    assert home.double is user.twice is double


def test_a_constant_is_replaced_under_its_own_name_only(modules):
    """Equal small numbers are one object, and most of them mean something else. A private one belongs to one module."""
    home, user = modules
    with planted(bug(set_constant(HOME, "MOST", 9), set_constant(HOME, "_TRIES", 1))):
        assert (home.MOST, user.MOST, user.LEAST) == (9, 9, 4)
        assert (home._TRIES, user._TRIES) == (1, 6)
    assert (home.MOST, user.MOST, home._TRIES) == (4, 4, 6)


def test_methods_of_each_kind_are_replaced(modules):
    """A replaced static method, class method or property stays one."""
    with planted(
        bug(
            wrap(HOME, "Box.doubled", lambda original: lambda self: original(self) + 1),
            wrap(HOME, "Box.half", lambda original: lambda self: original(self) + 1),
            always_return(HOME, "Box.fixed", 9),
            change_result(HOME, "Box.named", str.upper),
        )
    ):
        assert (Box(3).doubled(), Box(3).half, Box.fixed(1), Box(3).fixed(1), SmallBox.named()) == (7, 2.5, 9, 9, "SMALLBOX")
    assert (Box(3).doubled(), Box(3).half, Box.fixed(1), SmallBox.named()) == (6, 1.5, 1, "SmallBox")


def test_a_cached_function_stays_cached(modules):
    """Callers clear its cache, and its earlier results are dropped."""
    home, _ = modules
    assert home.cached(3) == 6
    with planted(bug(change_result(HOME, "cached", lambda result: result + 1))):
        assert home.cached(3) == home.cached(3) == 7
        assert home.cached.cache_info().hits == 1
    assert home.cached(3) == 6


def test_a_replacement_may_hold_during_another_call_only(modules):
    """Simulated processes overlap on threads of their own: a call on one must change nothing on the other."""
    home, user = modules
    seen: list[int] = []

    def in_another_thread(original):
        def called(number):
            thread = Thread(target=lambda: seen.append(user.twice(number)))
            thread.start()
            thread.join()
            return original(number)

        return called

    within = change_result(HOME, "double", lambda result: result + 1, during=(HOME, "caller"))
    with planted(bug(wrap(HOME, "caller", in_another_thread), within)):
        assert home.double(3) == 6
        assert home.caller(3) == 7
        assert seen == [6]
        assert home.double(3) == 6
    assert home.double is double


@pytest.mark.parametrize(
    ("replacement", "said"),
    [
        (always_return("chalicelib.nowhere", "double", 1), "there is no module chalicelib.nowhere"),
        (always_return(HOME, "triple", 1), "does not define triple"),
        (always_return(HOME, "Box.tripled", 1), "does not define Box.tripled"),
        (always_return(HOME, "SmallBox.doubled", 1), "does not define SmallBox.doubled"),
        (always_return(HOME, "caller.<locals>.inner", 1), "has no class caller"),
        (set_constant(HOME, "MOST", 4), "changes nothing"),
        (wrap(HOME, "double", lambda original: original), "changes nothing"),
        (always_return(HOME, "double", 1, during=(HOME, "gone")), "does not define gone"),
        (always_return(HOME, "gone", 1, during=(HOME, "caller")), "does not define gone"),
    ],
)
def test_a_target_that_is_gone_is_an_error_and_changes_nothing(modules, replacement, said):
    """After a rename, the error names the target that must change."""
    home, user = modules
    with pytest.raises(DoesNotFit, match=f"example: .*{said}"), planted(bug(always_return(HOME, "cached", 1), replacement)):
        pass
    assert (home.double, home.cached, home.caller, home.MOST) == (double, cached, caller, 4)
    assert user.twice is double

"""SIGINT and SIGTERM end what is under way, also where Python cannot raise an exception."""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from rostersync.cli.app import main
from rostersync.cli.context import Context
from rostersync.errors import Interrupted
from rostersync.signals import disturbed, ending_in_order, interrupt_behind, undisturbed

ENDING = (signal.SIGINT, signal.SIGTERM)


class Fragile:
    """What is interrupted while it is given up."""

    def __init__(self, number: signal.Signals) -> None:
        """Take the signal."""
        self.number = number

    def __del__(self) -> None:
        """Be interrupted."""
        signal.raise_signal(self.number)


def give_up(number: signal.Signals) -> None:
    """Give something up, and go on for a while."""
    Fragile(number)
    time.sleep(10)


@pytest.mark.parametrize("number", ENDING)
def test_an_interrupt_is_raised_where_it_comes(number: signal.Signals) -> None:
    before = [signal.getsignal(each) for each in ENDING]
    with pytest.raises(Interrupted, match=str(int(number))), ending_in_order():
        signal.raise_signal(number)
    assert [signal.getsignal(each) for each in ENDING] == before


@pytest.mark.parametrize("number", ENDING)
def test_an_interrupt_that_python_cannot_raise_comes_again(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Interrupted, match=str(int(number))), ending_in_order():
        give_up(number)
    assert capsys.readouterr().err == ""


def test_an_interrupt_that_is_late_for_its_command_harms_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ending_in_order():
        Fragile(signal.SIGTERM)
    time.sleep(0.1)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", ENDING)
def test_an_interrupt_waits_for_the_end_of_an_undisturbed_step(number: signal.Signals) -> None:
    done = []

    def work() -> None:
        with undisturbed():
            signal.raise_signal(number)
            done.append("the step")
        done.append("more")

    with pytest.raises(Interrupted, match=str(int(number))), ending_in_order():
        work()
    assert done == ["the step"]


def test_an_interrupt_that_was_held_back_comes_where_it_may_disturb() -> None:
    done = []

    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        with undisturbed():
            done.append("all of the step")
        done.append("its end")
        with disturbed():
            done.append("more")

    with pytest.raises(Interrupted), ending_in_order(), undisturbed():
        work()
    assert done == ["all of the step", "its end"]


def test_what_an_interrupt_broke_off_ends_before_the_command_and_is_not_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = []

    def broken_off() -> Iterator[None]:
        try:
            yield
        finally:
            ended.append("too late to say more")
            int("what it needs has been closed")

    def interrupted() -> None:
        begun = broken_off()
        next(begun)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(Interrupted), ending_in_order():
        interrupted()
    assert ended
    assert capsys.readouterr().err == ""


def test_what_goes_wrong_after_an_interrupt_is_no_fault_of_the_program() -> None:
    try:
        try:
            raise Interrupted(signal.SIGTERM)
        finally:
            int("broken off")
    except ValueError as error:
        behind = interrupt_behind(error)
    assert behind is not None
    assert behind.signal_number == signal.SIGTERM
    assert interrupt_behind(ValueError("alone")) is None


@pytest.mark.parametrize(("owner", "step"), [(shutil, "copyfileobj"), (Context, "print")])
def test_an_interrupt_amid_the_answer_or_after_it_adds_no_second_document(
    owner: object, step: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    undisturbed_step = getattr(owner, step)

    def interrupted(*given: object) -> None:
        undisturbed_step(*given)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(owner, step, interrupted)
    assert main(["codes", "--json"]) == 128 + signal.SIGTERM
    out, err = capsysbinary.readouterr()
    assert json.loads(out)["schema"] == "rostersync/codes/1"
    assert b"interrupted" in err

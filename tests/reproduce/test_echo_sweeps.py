import inspect

from rnncourse.reproduce import echo
from rnncourse.reproduce.echo_sweeps import ECHO, SWEEPS


def test_the_settings_are_those_of_the_tutorial():
    wanted = {"units": 4, "echo_step": 3, "window": 15, "batch": 5, "rate": 0.3}
    assert wanted.items() <= ECHO.items()


def test_every_case_changes_settings_that_the_network_reads():
    read = inspect.getsource(echo)
    for sweep in SWEEPS:
        for name in set().union(*sweep.config["cases"]):
            assert f'"{name}"' in read, (sweep.name, name)

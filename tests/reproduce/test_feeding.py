from rnncourse.reproduce import feeding
from rnncourse.reproduce.feeding import WAYS, seconds


def test_every_way_to_feed_a_step_is_timed_for_every_case():
    config = {
        "cases": [{"vocabulary": 9, "units": 3}],
        "batch": 2,
        "steps": 3,
        "updates": 4,
        "rounds": 2,
    }
    (times,) = seconds(config, seed=0)["update"]
    assert len(times) == len(WAYS)
    assert all(0 < time < 1 for time in times)


def test_the_record_names_its_ways():
    (sweep,) = feeding.SWEEPS
    assert sweep.config["ways"] == list(WAYS)

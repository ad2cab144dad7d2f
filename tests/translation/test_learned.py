"""A translator is learned once, kept for the next time, and made anew if that cannot be read."""

import sys
from pathlib import Path

import pytest

from rnncourse.translation import learned as learned_module
from rnncourse.translation.learned import SETTINGS, cache_folder, learn, learned

TINY = {"sentences": 200, "max_words": 4, "units": 8, "embedding": 4, "updates": 3}
QUICK = {"settings": TINY, "jit": False}


@pytest.fixture(scope="module")
def made():
    return learn(0, TINY, jit=False)


@pytest.fixture
def once(made, monkeypatch):
    """`learned` with a training that was done beforehand; a list of the seeds asked for."""
    asked = []

    def again(seed, *_, **__):
        asked.append(seed)
        return made

    monkeypatch.setattr(learned_module, "learn", again)
    return asked


def test_it_learns_from_the_grammar_and_keeps_some_sentences_for_the_test(made):
    assert 0 <= made.right <= 1 and made.notes == ()
    known = made.translator.source_vocabulary
    assert "drink" in known and ("", "i") in made.translator.met
    assert made.translator.translate("I drink milk").words


def test_the_second_time_it_is_read_and_says_the_same(tmp_path, once):
    first = learned(**QUICK, folder=tmp_path)
    second = learned(**QUICK, folder=tmp_path)
    assert once == [0] and first.right is not None and second.right is None
    for text in ("I drink milk", "the girl sleeps"):
        assert first.translator.translate(text) == second.translator.translate(text)


def test_a_new_training_is_announced_and_can_be_asked_for(tmp_path, once):
    told = []
    for fresh in (False, False, True):
        learned(**QUICK, folder=tmp_path, fresh=fresh, before=lambda: told.append(1))
    assert len(once) == len(told) == 2


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing else", None])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path, once, content):
    learned(**QUICK, folder=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-300] if content is None else content)
    assert (
        "trained anew, for the one kept cannot be used"
        in learned(**QUICK, folder=tmp_path).notes[0]
    )
    assert learned(**QUICK, folder=tmp_path).notes == () and len(once) == 2


def test_other_settings_seeds_versions_and_grammars_have_files_of_their_own(
    tmp_path, once, monkeypatch
):
    learned(**QUICK, folder=tmp_path)
    learned(5, **QUICK, folder=tmp_path)
    learned(settings=TINY | {"units": 9}, folder=tmp_path)
    monkeypatch.setattr(learned_module, "__version__", "9.9")
    learned(**QUICK, folder=tmp_path)
    monkeypatch.setattr(learned_module, "GRAMMAR", learned_module.GRAMMAR[:1])
    learned(**QUICK, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == len(once) == 5


def test_a_folder_that_takes_no_file_is_no_reason_to_stop(tmp_path, once):
    (tmp_path / "file").write_text("in the way")
    made = learned(**QUICK, folder=tmp_path / "file" / "below")
    assert made.translator and any("not kept for the next time" in note for note in made.notes)


def test_the_cache_folder_is_where_the_system_has_it(monkeypatch):
    monkeypatch.setenv("RNNCOURSE_CACHE", "here")
    assert cache_folder() == Path("here")
    monkeypatch.delenv("RNNCOURSE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "there")
    monkeypatch.setenv("LOCALAPPDATA", "local")
    for platform, expected in (
        ("linux", Path("there/rnncourse")),
        ("darwin", Path("~/Library/Caches/rnncourse").expanduser()),
        ("win32", Path("local/rnncourse")),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == expected
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path("~/.cache/rnncourse").expanduser()


def test_settings_that_do_not_exist_are_named():
    with pytest.raises(ValueError, match=r"`settings` must be some of .*, got 'layers'"):
        learn(settings={"layers": 2})
    assert SETTINGS["max_words"] >= 3  # "I drink milk"

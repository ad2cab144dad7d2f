"""Whatever comes from a command line, a pipe or a keyboard gets an answer and an exit code."""

import io
import os
import signal
import subprocess
import sys
import time
import tomllib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rnncourse import cli
from rnncourse.data.prompts import PromptError
from rnncourse.storytelling import Storyteller
from tools.imports import ROOT

patient = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture(scope="module")
def teller():
    return Storyteller(seed=0)


@pytest.fixture
def run(teller, monkeypatch, capsys):
    """Run `main` in this process with a network trained once; `typed` is what stdin holds."""
    monkeypatch.setattr(cli, "_learn", lambda seed: teller)

    def run(*arguments, typed="", keyboard=False):
        stdin = io.StringIO(typed)
        stdin.isatty = lambda: keyboard
        monkeypatch.setattr(sys, "stdin", stdin)
        try:
            code = cli.main(list(arguments))
        except SystemExit as left:  # how argparse ends
            code = left.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture(scope="module")
def translator():
    """One that has learned four sentences by heart."""
    import keras

    from rnncourse.translation.batches import prepare, vocabularies
    from rnncourse.translation.fitting import fit
    from rnncourse.translation.models import EncoderDecoder
    from rnncourse.translation.translator import Translator, neighbours

    pairs = [
        ("i drink milk", ["je", "bois", "du", "lait"]),
        ("i like milk", ["j'", "aime", "le", "lait"]),
        ("i am tired", ["je", "suis", "fatigu\u00e9"]),
        ("you do not drink", ["tu", "ne", "bois", "pas"]),
    ]
    words = vocabularies(pairs)
    keras.utils.set_random_seed(0)
    model = EncoderDecoder.for_vocabularies(*words, units=32, embedding=16)
    fit(model, prepare(pairs, *words), 100, batch_size=4, rate=0.03, jit=False)
    met = [pair for english, _ in pairs for pair in neighbours(english.split())]
    return Translator(model, *words, met=met)


@pytest.fixture
def translate(translator, run, monkeypatch):
    """Run `rnncourse translate` with it; nothing is trained."""
    monkeypatch.setattr(cli, "_schooled", lambda seed, fresh: translator)
    return lambda *arguments, **typed: run("translate", *arguments, **typed)


def in_a_shell(*arguments, **options):
    """The real thing, in a process of its own."""
    command = [sys.executable, "-m", "rnncourse.cli", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        | options,
    )


def test_it_goes_on_from_three_words(run):
    code, out, err = run("complete", "long ago ,")
    assert code == 0
    assert out.startswith("long ago, the mice had a general council to consider")
    assert "32 of 32 words as in the fable" in err
    assert run("complete", "long", "ago", ",")[1] == out


@pytest.mark.parametrize("words", [1, 7, 50])
def test_it_adds_as_many_words_as_asked_for(run, words, teller):
    _, out, err = run("complete", "long ago ,", "--words", str(words))
    assert f"of {words} words" in err
    assert " ".join(out.split()) == teller.tell("long ago ,", words).text


def test_temperature_and_seed_are_passed_on(run, teller):
    options = ["--temperature", "1.5", "--seed", "3"]
    _, out, _ = run("complete", "the cat .", *options)
    assert " ".join(out.split()) == teller.tell("the cat .", 32, 1.5, 3).text


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("the mice", "three words are needed: added 'had'"),
        ("now then , the mice looked", "only the last three of 6 words are read"),
    ],
)
def test_any_number_of_words_will_do_and_it_says_what_it_did(run, prompt, answer):
    code, out, err = run("complete", prompt)
    assert code == 0 and out and answer in err


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("the mouze looked", "'mouze' is not among its words, the nearest is 'mouse'"),
        ("", "there are no words in this"),
        ("\x00\x1b[2J", "there are no words in this"),
        ("🐭", "'🐭' is not among its words, and none of them is near it"),
        ("\udcff\udcfe", "no words in this"),
        ("mouse" * 100_000, "is not among its words"),
    ],
)
def test_a_prompt_it_cannot_read_is_answered_without_training(run, monkeypatch, prompt, answer):
    monkeypatch.setattr(cli, "_learn", None)
    code, out, err = run("complete", prompt)
    assert (code, out) == (cli.UNUSABLE, "")
    assert answer in err and len(err) < 300


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["--words", "0"], "expected a whole number from 1 to 10,000, got '0'"),
        (["--words", "many"], "expected a whole number"),
        (["--words", "1e3"], "expected a whole number"),
        (["--words", "9" * 5000], "expected a whole number"),
        (["--temperature", "-1"], "expected a number from 0 to 1,000,000, got '-1'"),
        (["--temperature", "nan"], "expected a number from 0"),
        (["--temperature", "inf"], "expected a number from 0"),
        (["--seed", "-1"], "expected a whole number from 0"),
        (["--seed"], "expected one argument"),
        (["--loud"], "rnncourse complete: error: unrecognized arguments: --loud: options"),
        (["-the", "cat"], "-- goes before words that begin with a dash"),
    ],
)
def test_options_it_cannot_use_are_named(run, arguments, answer):
    code, out, err = run("complete", "long ago ,", *arguments)
    assert (code, out) == (cli.UNUSABLE, "")
    assert answer in err


def test_a_terminal_sees_where_it_leaves_the_fable_and_a_pipe_plain_words(run, monkeypatch):
    plain = run("complete", "the cat looked")
    assert "[" not in plain[1] and "|" not in plain[1] and "brackets" not in plain[2]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    _, out, err = run("complete", "the cat looked")
    assert out.startswith("the cat looked | ") and "[" in out and "the others in brackets" in err
    bare = out.replace("|", "").replace("(here the fable ends)", "")
    assert bare.replace("[", "").replace("]", "").split()[:6] == plain[1].split()[:6]


def test_it_says_when_the_fable_is_over(run, monkeypatch):
    _, out, err = run("complete", "propose impossible remedies", "--words", "4")
    assert "(" not in out and "the fable ends after 1 of them" in err
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    _, out, err = run("complete", "propose impossible remedies", "--words", "4")
    assert out.startswith("propose impossible remedies | . (here the fable ends)")


def test_an_unknown_command_names_those_there_are(run):
    code, _, err = run("sing")
    assert code == cli.UNUSABLE and "complete" in err


@pytest.mark.parametrize("arguments", [(), ("--help",), ("complete", "--help"), ("--version",)])
def test_help_and_version_are_there(run, arguments):
    code, out, _ = run(*arguments)
    assert code == 0 and "rnncourse" in out


def test_at_a_keyboard_it_asks_until_an_empty_line_and_forgives(run):
    typed = "the mouze looked\nthe mice looked\n\nlong ago ,\n"
    code, out, err = run("complete", "--words", "3", typed=typed, keyboard=True)
    assert code == 0
    assert out == "the mice looked at one another\n"
    assert "'mouze' is not among its words" in err and err.count("> ") == 3


def test_a_pipe_is_told_line_by_line_and_the_code_says_if_one_failed(run):
    code, out, _ = run("complete", "--words", "2", typed="long ago ,\n\nthe mice looked")
    assert (code, out.splitlines()) == (0, ["long ago, the mice", "the mice looked at one"])
    code, out, err = run("complete", "--words", "2", typed="mouze\nlong ago ,\n")
    assert (code, out) == (cli.UNUSABLE, "long ago, the mice\n") and "'mouze'" in err


def test_the_end_of_input_is_an_end_and_no_error(run):
    assert run("complete")[:2] == (0, "")
    assert run("complete", keyboard=True)[:2] == (0, "")


def test_without_any_input_or_output_it_ends(run, monkeypatch):
    """As in a program that has no terminal at all."""
    assert run("complete", "long ago ,", "--words", "1")[0] == 0
    monkeypatch.setattr(sys, "stdin", None)
    assert cli.main(["complete"]) == 0
    monkeypatch.setattr(sys, "stdout", None)
    assert cli.main(["complete", "long ago ,"]) == 0


@given(prompt=st.text(max_size=40), keyboard=st.booleans())
@example(prompt="\x00", keyboard=False)
@example(prompt="\ud800", keyboard=True)
@example(prompt="-h", keyboard=False)
@example(prompt="--", keyboard=False)
@example(prompt="@file %s {0}", keyboard=False)
@patient
def test_any_text_gets_an_answer(run, prompt, keyboard):
    code, out, err = run("complete", prompt, "--words", "2")
    assert code in (0, cli.UNUSABLE)
    assert out if code == 0 else err
    code, *_ = run("complete", "--words", "2", typed=prompt, keyboard=keyboard)
    assert code in (0, cli.UNUSABLE)


@given(arguments=st.lists(st.text(max_size=8), max_size=4))
@patient
def test_any_arguments_get_an_exit_code(run, arguments):
    assert run(*arguments)[0] in (0, cli.UNUSABLE)


def test_ctrl_c_is_no_error_of_its_own(run, monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_learn", pressed)
    code, out, err = run("complete", "long ago ,")
    assert (code, out) == (cli.INTERRUPTED, "") and "stopped" in err


@pytest.mark.parametrize(
    ("error", "code"), [(BrokenPipeError, cli.PIPE_CLOSED), (OSError(28, "full"), cli.FAILED)]
)
def test_an_output_that_takes_no_more_is_no_traceback(run, monkeypatch, error, code):
    class Closed(io.StringIO):
        def write(self, text):
            raise error

    monkeypatch.setattr(sys, "stdout", Closed())
    assert run("complete", "long ago ,")[0] == code


def test_a_mistake_of_ours_is_not_taken_for_a_bad_prompt(run, monkeypatch, teller):
    """A ValueError from inside must not pass for an answer."""
    monkeypatch.setattr(teller, "tell", lambda *_, **__: (_ for _ in ()).throw(ValueError("ours")))
    assert issubclass(PromptError, ValueError)
    with pytest.raises(ValueError, match="ours"):
        run("complete", "long ago ,")


@pytest.mark.parametrize(
    ("text", "french"),
    [
        (["I drink milk"], "je bois du lait"),
        (["I", "drink", "milk."], "je bois du lait."),
        (["I LIKE MILK! You don\u2019t drink?"], "j'aime le lait! tu ne bois pas?"),
        (["I'm tired"], "je suis fatigu\u00e9"),
    ],
)
def test_it_translates_what_it_is_told(translate, text, french):
    code, out, _ = translate(*text)
    assert (code, out) == (0, french + "\n")


def test_words_never_met_side_by_side_are_flagged_beside_the_translation(translate):
    code, out, err = translate("milk drink I")
    assert code == 0 and out and "never met in training: 'milk' as the first word" in err


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I drink mlik", "'mlik' is not among its words, the nearest is 'milk'"),
        ("I " * 61, "a sentence of 61 words is too long"),
        ("milk " * 100_000, "is too long"),
    ],
)
def test_what_it_cannot_translate_is_answered(translate, text, answer):
    code, out, err = translate(text)
    assert (code, out) == (cli.UNUSABLE, "") and answer in err and len(err) < 300


@pytest.mark.parametrize("text", ["", " ", "...", "\x1b[A"])
def test_no_words_to_translate_are_answered_without_training(run, monkeypatch, text):
    monkeypatch.setattr(cli, "_schooled", None)
    code, out, err = run("translate", text)
    assert (code, out) == (cli.UNUSABLE, "") and "no words in this" in err


def test_at_a_keyboard_or_from_a_pipe_it_translates_line_by_line(translate):
    typed = "I drink mlik\nI drink milk\n\nI am tired\n"
    code, out, err = translate(typed=typed, keyboard=True)
    assert (code, out) == (0, "je bois du lait\n")
    assert "A sentence, please" in err and "'mlik'" in err and err.count("> ") == 3
    code, out, _ = translate(typed=typed)
    assert (code, out) == (cli.UNUSABLE, "je bois du lait\nje suis fatigu\u00e9\n")
    assert translate()[:2] == translate(keyboard=True)[:2] == (0, "")


@given(text=st.text(max_size=40))
@patient
def test_any_text_to_translate_gets_an_answer(translate, text):
    code, out, err = translate("--", text)
    assert code in (0, cli.UNUSABLE)
    assert out if code == 0 else err


def test_seed_and_fresh_are_passed_on_and_notes_are_shown(run, monkeypatch, translator):
    from rnncourse.translation import learned as kept

    asked = []

    def learned(seed, fresh, before):
        asked.append((seed, fresh))
        before()
        return kept.Learned(translator, 0.987, ("not kept for the next time: full",))

    monkeypatch.setattr(kept, "learned", learned)
    code, out, err = run("translate", "I drink milk", "--seed", "4", "--fresh")
    assert (code, out, asked) == (0, "je bois du lait\n", [(4, True)])
    assert err.splitlines() == [
        "learning French \u2026",
        "(not kept for the next time: full)",
        "99% of sentences it never saw are right, word for word",
    ]


def test_ctrl_c_while_it_learns_french_leaves_nothing_behind(run, monkeypatch, tmp_path):
    from rnncourse.translation import learned as kept

    def pressed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setenv("RNNCOURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(kept, "learn", pressed)
    code, out, err = run("translate", "I drink milk")
    assert (code, out) == (cli.INTERRUPTED, "") and "stopped" in err
    assert not list(tmp_path.iterdir())


def test_a_closed_pipe_is_quiet_for_translations_too(translate, monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    assert translate("I drink milk")[0] == cli.PIPE_CLOSED


def test_in_a_shell_a_kept_translator_is_used_and_streams_stay_apart(tmp_path, translator):
    from rnncourse.translation.learned import SETTINGS, _name
    from rnncourse.translation.saving import save

    save(tmp_path / _name(0, SETTINGS), translator)
    process = in_a_shell(
        "translate",
        env=os.environ | {"RNNCOURSE_CACHE": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
    )
    out, err = process.communicate(b"I am tired\nI drink mlik\n")
    assert process.returncode == cli.UNUSABLE
    assert out.decode() == "je suis fatigu\u00e9\n"
    assert err.decode().splitlines() == ["'mlik' is not among its words, the nearest is 'milk'"]


def test_the_command_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"rnncourse": "rnncourse.cli:main"}


def test_help_does_not_wait_for_tensorflow():
    code = (
        "import sys; from rnncourse.cli import main; main([]); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.endswith("False\n") and done.stderr == ""


def test_in_a_shell_it_learns_tells_and_keeps_its_streams_apart():
    process = in_a_shell("complete", "--words", "4", env=os.environ | {"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate("long ago ,\nthe m\u00f6use\nthe \U0001f42d\n".encode())
    assert process.returncode == cli.UNUSABLE
    assert out.decode() == "long ago, the mice had a\n"
    told = err.decode()
    assert told.startswith("learning the fable") and "99.0% of its words right" in told
    assert "Traceback" not in told and "tensorflow" not in told.lower() and "I0000" not in told


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of Unix")
@pytest.mark.parametrize("wait", [0.5, 3.0])
def test_in_a_shell_ctrl_c_ends_it_without_a_traceback(wait):
    process = in_a_shell("complete", "long ago ,", "--words", "9000")
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (cli.INTERRUPTED, -signal.SIGINT)
    assert process.returncode == cli.INTERRUPTED or wait < 1  # before `main` it is Python's
    assert b"Traceback" not in err or wait < 1


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of Unix")
def test_in_a_shell_a_closed_pipe_is_quiet():
    reading, writing = os.pipe()
    os.close(reading)
    process = in_a_shell("complete", "long ago ,", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=60)
    assert process.returncode == cli.PIPE_CLOSED
    assert b"Traceback" not in err and b"BrokenPipe" not in err

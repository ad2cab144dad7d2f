"""`rnncourse`: what one can do with the package from a command line.

Cast: words on the command line, or line by line from a keyboard or a pipe, come in;
`rnncourse complete` goes on with the fable from there, `rnncourse translate` says them in
French. What was told goes to the standard output, plain to a pipe or a file; a terminal sees
marks in a tale: a bar where the network begins, brackets round what the fable does not say.
Everything else goes to the standard error. The teller is trained anew at each start, in
seconds; the translator is trained the first time and kept in the user's cache folder.

Exit codes: 0 done; 1 nothing could be read or written; 2 arguments or words it cannot
use; 130 stopped with Ctrl-C; 141 the reader of a pipe went away.
"""

import argparse
import contextlib
import math
import os
import sys
import textwrap

from rnncourse import __version__

__all__ = ["main"]

MOST_WORDS = 10_000
FAILED, UNUSABLE, INTERRUPTED, PIPE_CLOSED = 1, 2, 130, 141


def main(arguments=None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: What stands after `rnncourse`; those of the command line if `None`.
    """
    # Odd bytes come in, and characters that a terminal cannot show go out.
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=errors)
    parser = _parser()
    try:
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            options.parser.error(
                f"unrecognized arguments: {' '.join(unknown)}: options are above, and -- goes "
                "before words that begin with a dash"
            )
        if options.command is None:
            parser.print_help()
            code = 0
        else:
            code = options.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            _say("\nstopped")
        return INTERRUPTED
    except OSError as error:
        # Python flushes once more when it ends, and would complain that nobody listens.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return PIPE_CLOSED
        with contextlib.suppress(OSError):
            _say(f"cannot go on: {error}")
        return FAILED


def _parser():
    parser = argparse.ArgumentParser(
        prog="rnncourse",
        description="Networks That Remember: what the course's networks can do, by hand.",
        epilog="exit codes: 0 done, 1 nothing could be read or written, 2 arguments or words it "
        "cannot use, 130 stopped, 141 the reader of a pipe went away",
    )
    parser.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    parser.set_defaults(parser=parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    complete = commands.add_parser(
        "complete",
        help="go on with the fable from your words",
        description="Train a small network on the fable of the mice and the cat, in seconds, "
        "and let it go on from your words. Without words it asks for them, again and again.",
    )
    complete.set_defaults(parser=complete, run=_complete)
    complete.add_argument(
        "prompt", nargs="*", metavar="WORD", help='such as "long ago ,"; three words are read'
    )
    complete.add_argument(
        "--words",
        type=_number(int, 1, MOST_WORDS),
        default=32,
        metavar="N",
        help="how many to add (32)",
    )
    complete.add_argument(
        "--temperature",
        type=_number(float, 0, 1_000_000),
        default=0.0,
        metavar="T",
        help="0 takes the likeliest word, 1 draws it by its probability (0)",
    )
    complete.add_argument(
        "--seed",
        type=_number(int, 0, 2**31 - 1),
        default=0,
        metavar="S",
        help="of the first weights and the draws (0)",
    )
    translate = commands.add_parser(
        "translate",
        help="say small English sentences in French",
        description="Translate with a network that has learned from the course's grammar of "
        "small English and French sentences. The first time it trains one, in less than a "
        "minute, and keeps it. Without words it asks for sentences, again and again.",
    )
    translate.set_defaults(parser=translate, run=_translate)
    translate.add_argument(
        "text", nargs="*", metavar="WORD", help='such as "I drink milk"; several sentences will do'
    )
    translate.add_argument(
        "--fresh", action="store_true", help="train anew, whatever was kept from another time"
    )
    translate.add_argument(
        "--seed",
        type=_number(int, 0, 2**31 - 1),
        default=0,
        metavar="S",
        help="of the lessons drawn and the first weights (0)",
    )
    return parser


def _number(kind, low, high):
    """A type for argparse: a number in a range, or words that say so."""

    def convert(text):
        try:
            number = kind(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            what = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(
                f"expected {what} from {low:,} to {high:,}, got {text[:20]!r}"
            )
        return number

    return convert


def _complete(options):
    from rnncourse.data.corpora import fable
    from rnncourse.data.prompts import three_words
    from rnncourse.data.text import Vocabulary, split_words

    prompt = " ".join(options.prompt) if options.prompt else None
    if prompt is not None:
        # Words it does not know are worth no training.
        tokens = split_words(fable())
        if _answered(lambda: three_words(prompt, Vocabulary(tokens), tokens)) is None:
            return UNUSABLE
    teller = _learn(options.seed)
    if prompt is not None:
        return _tell(teller, prompt, options)
    return _converse(
        lambda line: _tell(teller, line, options), "Three words, please, such as: the mice looked."
    )


def _translate(options):
    from rnncourse.data.prompts import require_words

    text = " ".join(options.text) if options.text else None
    if text is not None and _answered(lambda: require_words(text)) is None:
        return UNUSABLE
    translator = _schooled(options.seed, options.fresh)
    if text is not None:
        return _render(translator, text)
    return _converse(
        lambda line: _render(translator, line), "A sentence, please, such as: I drink milk."
    )


def _schooled(seed, fresh):
    """The translator that was kept, or a new one."""
    with _silence():
        from rnncourse.translation.learned import learned
    made = learned(seed, fresh=fresh, before=lambda: _say("learning French …"))
    for note in made.notes:
        _say(f"({note})")
    if made.right is not None:
        _say(f"{100 * made.right:.0f}% of sentences it never saw are right, word for word")
    return made.translator


def _render(translator, text):
    """Print the translation, or what is wrong with the text; return the exit code."""
    translation = _answered(lambda: translator.translate(text))
    if translation is None:
        return UNUSABLE
    for note in translation.notes:
        _say(f"({note})")
    print(translation.text, flush=True)
    return 0


def _converse(answer, invitation):
    """Answer line after line until they end; on a keyboard an empty one ends it too."""
    code, keyboard = 0, sys.stdin is not None and sys.stdin.isatty()
    if keyboard:
        _say(f"{invitation} An empty line ends it.")
    while True:
        if keyboard:
            print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline() if sys.stdin is not None else ""
        if not line or (keyboard and not line.strip()):
            if keyboard and not line:
                _say("")
            return 0 if keyboard else code
        if line.strip():
            code = max(code, answer(line))


def _learn(seed):
    _say("learning the fable …")
    with _silence():
        from rnncourse.storytelling import Storyteller
    teller = Storyteller(seed=seed)
    _say(f"{len(teller.losses)} updates, {100 * teller.right:.1f}% of its words right")
    return teller


@contextlib.contextmanager
def _silence():
    """No messages while TensorFlow is imported: it writes past Python and its own settings."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        aside = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(aside, 2)
        os.close(aside)
        os.close(nowhere)


def _tell(teller, prompt, options):
    """Print what follows, or what is wrong with the prompt; return the exit code."""
    tale = _answered(
        lambda: teller.tell(
            prompt, words=options.words, temperature=options.temperature, seed=options.seed
        )
    )
    if tale is None:
        return UNUSABLE
    for note in tale.notes:
        _say(f"({note})")
    terminal = sys.stdout is not None and sys.stdout.isatty()
    print(textwrap.fill(tale.marked if terminal else tale.text, 78), flush=True)
    as_told = f"{sum(tale.known)} of {len(tale.said)} words as in the fable after the three before"
    if terminal and not all(tale.known):
        as_told += ", the others in brackets"
    if tale.over is not None and not terminal:
        as_told += f"; the fable ends after {tale.over} of them"
    _say(f"({as_told})")
    return 0


def _answered(ask):
    """What `ask()` returns; `None`, and a line to the reader, where the prompt will not do."""
    from rnncourse.data.prompts import PromptError

    try:
        return ask()
    except PromptError as error:
        _say(str(error))
        return None


def _say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())

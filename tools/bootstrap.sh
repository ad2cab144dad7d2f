#!/bin/sh
# sh tools/bootstrap.sh book|all: makes .venv and installs requirements/book.lock or
# requirements/all.lock into it, unless that is done already. PYTHON=... chooses a Python.
set -eu
cd "$(dirname "$0")/.."
venv=.venv
log=$venv/install.log

stop() {
    echo "$*" >&2
    exit 1
}
trap 'stop "Stopped; run the same command again to go on."' INT TERM

suits() { case $1 in 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac; }
version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# A stamp is a copy of what was installed, and where: dates say nothing after a copy or a checkout.
wanted() {
    pwd -P
    cat pyproject.toml requirements/book.lock
    [ "$1" = book ] || cat requirements/all.lock
}
installed() { [ -f "$venv/$1.stamp" ] && wanted "$1" | cmp -s - "$venv/$1.stamp"; }

# The interpreters are run, not only looked up: a shim may exist and lead nowhere.
find_python() {
    seen='' bare=''
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3 python3.13 python3.12 python3.11 python
    fi
    for python in "$@"; do
        v=$(version "$python") || continue
        if ! suits "$v"; then
            seen="$seen${seen:+, }Python $v ($python)"
        elif "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            return
        else
            bare="$bare${bare:+, }Python $v ($python)"
        fi
    done
    if [ -n "$bare" ]; then
        stop "$bare has no venv module: install it (on Debian and Ubuntu: apt install python3-venv) or choose another with make PYTHON=..."
    fi
    stop "This needs Python 3.11, 3.12 or 3.13 (TensorFlow has no wheel beyond), found ${seen:-none}: install one or choose one with make PYTHON=..."
}

case ${1:-} in
book | all) ;;
*) stop "usage: sh tools/bootstrap.sh book|all" ;;
esac

have=$(version $venv/bin/python) || have=none
if [ -n "${PYTHON:-}" ] && [ "$have" != none ]; then
    asked=$(version "$PYTHON") || asked="no Python"
    [ "$have" = "$asked" ] ||
        stop "PYTHON=$PYTHON is $asked, but $venv holds Python $have: run make distclean first, or leave PYTHON out."
fi
if [ "$have" != none ]; then
    suits "$have" || stop "$venv holds Python $have, which does not suit: run make distclean first."
    # all.lock holds everything that book.lock does, at the same versions.
    if installed "$1" || installed all; then exit 0; fi
fi

# A tree that was moved has the old place written into its scripts; a kill amid unpacking leaves
# packages that look whole to pip.
if [ "$have" = none ] ||
    ! head -n 2 $venv/bin/pip 2>/dev/null | grep -qF "$(pwd -P)/$venv/" ||
    grep -qs '^Installing collected packages' $log; then
    find_python
    echo "Making $venv with Python $(version "$python")"
    rm -rf $venv
    made=$("$python" -m venv $venv 2>&1) || stop "Making $venv failed: $(echo "$made" | tail -n 1)"
fi

echo "Installing requirements/$1.lock into $venv (some minutes the first time)"
rm -f $venv/*.stamp
pip() { $venv/bin/python -m pip --disable-pip-version-check --no-input "$@" >>$log 2>&1; }
: >$log
# Only wheels: building from source would fetch build tools that no hash vouches for.
if pip install --progress-bar off --require-hashes --only-binary :all: -r "requirements/$1.lock" &&
    { [ "$1" = book ] || pip install --no-deps --no-build-isolation -e .; }; then
    rm $log
    wanted "$1" >$venv/"$1".stamp
elif grep -q 'Retrying (' $log && grep -qE 'No matching distribution|Max retries|timed out' $log; then
    stop "No package index could be reached: connect to the network and run the same command again (pip's words: $log)"
else
    tail -n 15 $log >&2
    stop "Installing requirements/$1.lock failed; all of pip's words: $log"
fi

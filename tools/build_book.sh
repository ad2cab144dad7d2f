#!/bin/sh
# sh tools/build_book.sh: builds the book into _build/html, warnings being errors, unless nothing
# changed since the last build that went well.
set -eu
cd "$(dirname "$0")/.."

settings="_config.yml requirements/book.lock book/_ext"
everything="$settings book notebooks rnncourse tests" # tests, since claims name them

files() { find "$@" -type f ! -path '*/__pycache__/*' ! -path '*/.*' | sort -u; }

# The inode's time, since copying or restoring a file may bring its old date along.
changed() { [ ! -f _build/sound ] || [ -n "$(find "$@" -type f -cnewer _build/sound ! -path '*/__pycache__/*')" ]; }

if [ -f _build/html/index.html ] && ! changed $everything && files $everything | cmp -s - _build/sound; then
    echo "Nothing changed since the last build: _build/html/index.html"
    exit
fi

# Sphinx repeats a warning only for a page that it reads anew, so after a failed or interrupted
# build, and when the settings changed, every page is read anew.
if changed $settings; then rm -rf _build/.doctrees; fi
mkdir -p _build
rm -f _build/sound
files $everything >_build/begun
PYTHONPATH=. .venv/bin/jupyter-book build . --toc book/_toc.yml -W -n --keep-going -q
mv _build/begun _build/sound

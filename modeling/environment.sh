#!/usr/bin/env bash
# Prints the path of a Python with the packages of modeling/requirements.txt. It is made once for each content of that file, in the cache folder.
set -euo pipefail
requirements="$(cd "$(dirname "$0")" && pwd)/requirements.txt"
cache="${SHOTLINE_CACHE:-$HOME/.cache/shotline}/python"
name=$("${PYTHON:-python3}" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read() + sys.version.encode()).hexdigest()[:16])' "$requirements")
folder="$cache/$name"
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
if command -v flock >/dev/null; then flock 9; fi
if [ ! -f "$folder/complete" ]; then
  echo "Installing modeling/requirements.txt into $folder (once; torch is large)" >&2
  rm -rf "$folder"
  "${PYTHON:-python3}" -m venv "$folder" >&2
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2
  touch "$folder/complete"
fi
echo "$folder/bin/python"

#!/bin/sh
# Makes a virtual environment with all that the scripts here need.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
case ${1:-} in
  -*) echo "usage: install.sh [FOLDER]   (default: target/peers-python in the repository)" >&2; exit 2 ;;
esac
folder=${1:-$here/../../target/peers-python}
command -v python3 >/dev/null 2>&1 || { echo "install.sh: there is no python3 on the PATH" >&2; exit 1; }
python3 -m venv "$folder" ||
  { echo "install.sh: Python has no venv (Debian: apt-get install python3-venv)" >&2; exit 1; }
"$folder/bin/pip" install --quiet --requirement "$here/requirements.txt"
echo "$folder/bin/python is ready"

#!/bin/sh
# make.sh - writes the golden recordings beside this file; `make golden` builds the program first. From version 1 of the format
# on they are kept as they are: new ones get new names.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
exec "$top/build/tests/golden/make" "$top/tests/golden"

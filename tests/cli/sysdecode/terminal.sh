#!/bin/sh
# Nobody types an .sst file: standard input that is a terminal is refused with a hint.
command -v script >/dev/null || { echo "script (package bsdutils) is not installed"; exit 77; }
script -qec "$SYSDECODE; echo status \$?; $SYSDECODE -; echo status \$?" /dev/null </dev/null | tr -d '\r'

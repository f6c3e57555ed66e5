#!/bin/sh
# --help and --version go to standard output.
"$SYSDECODE" --help
"$SYSDECODE" -h >short
"$SYSDECODE" --help | cmp - short
"$SYSDECODE" --version | sed 's/[0-9.]*$/N/'
"$SYSDECODE" -V | sed 's/[0-9.]*$/N/'

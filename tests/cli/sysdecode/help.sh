#!/bin/sh
# --help and --version go to standard output.
"$SYSDECODE" --help
"$SYSDECODE" -h >short
"$SYSDECODE" --help | cmp - short
"$SYSDECODE" --version | sed 's/[0-9.]*$/N/; /^protections: unprivileged user/s/user.*/user, .../'
"$SYSDECODE" -V | head -n 1 | sed 's/[0-9.]*$/N/'

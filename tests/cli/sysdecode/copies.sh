#!/bin/sh
# The same file or recording twice is read once; a damaged one among good ones costs its own rows and a line.
. "$TESTS/cli/sysdecode/golden.inc"
columns=--columns=tid,syscall
try $columns late.sst late.sst
cp late.sst copy.sst
try $columns late.sst copy.sst
cat late.sst late.sst >twice.sst
try $columns twice.sst | sed 's/byte [0-9]*/byte N/g'
try --verify twice.sst | sed 's/bytes [0-9]* to [0-9]*/bytes N/g'
echo "a pipe:"
try $columns <twice.sst | sed 's/byte [0-9]*/byte N/g' | head -n 2
cat twice.sst | try $columns | sed 's/bytes [0-9]* to [0-9]*/bytes N/g'
echo "the one that has its end is read:"
head -c "$(($(stat -c %s late.sst) - 10))" late.sst >short.sst
try $columns --tid=601 short.sst late.sst
echo "good ones and others:"
try $columns --tid=601,300 not-sst.sst late.sst missing.sst flipped-payload.sst newer.sst nothing.sst threads.sst |
	sed -E 's/(bytes?) [0-9]+( to [0-9]+)?/\1 N/'

#!/bin/sh
# Names that want to break rows, terminals and spreadsheets, in both dialects; and found again as they are printed.
. "$TESTS/cli/sysdecode/golden.inc"
try --columns=comm,pid hostile.sst
try -F csv --columns=comm,pid hostile.sst
try --no-header --columns=comm,pid --comm='\x3dcmd|'"' /C calc'!A0,a\x2cb" hostile.sst

#!/bin/bash
# spreadsheet.sh - tables opened in LibreOffice Calc without a screen and read back: every cell is as it was, no formula runs, and
# more rows than a sheet has come in several files
# timeout: 300
. "$TESTS/e2e/lib.sh"
if ! command -v soffice >/dev/null; then
	echo "skip - spreadsheet: LibreOffice Calc (soffice) is missing: make check-apps installs it"
	exit 77
fi
export HOME=$PWD
"$TOP/build/tests/golden/cells" . 1060000

# calc FILTER FORMAT DIRECTORY FILE...: opened with the settings, and saved
calc() {
	timeout -k 5 200 soffice "-env:UserInstallation=file://$PWD/profile" --headless --infilter="Text - txt - csv (StarCalc):$1" \
		--convert-to "$2" --outdir "$3" "${@:4}" >calc.log 2>&1
}
# The settings that the documentation gives for a kind of file.
documented() { sed -n "s/^soffice .*--infilter='Text - txt - csv (StarCalc):\([^']*\)' --convert-to xlsx trace\.$1\$/\1/p" "$TOP/docs/tables.md"; }
# opened NAME DIRECTORY FILTER MODE TABLE
opened() {
	if calc "$3" fods "$2" "$5" && python3 -B "$TESTS/e2e/spreadsheet.py" "$4" "$2/${5%.*}.fods" "$5" >"$2.diff" 2>&1; then
		ok "$1: $(tail -n 1 "$2.diff")"
	else
		not_ok "$1" "$2.diff" calc.log
	fi
}

"$SYSDECODE" -o cells.tsv cells.sst 2>/dev/null
"$SYSDECODE" -F csv -o cells.csv cells.sst 2>/dev/null
if ! calc 44,34,76 fods try cells.csv || [ ! -s try/cells.fods ]; then
	echo "skip - spreadsheet: Calc does not convert here: $(tail -n 1 calc.log)"
	exit 77
fi
opened "TSV as text" tsv "$(documented tsv)" exact cells.tsv
opened "CSV as text" csv "$(documented csv)" exact cells.csv
opened "CSV with the dialog's own settings" default 44,34,76,1,,0,false,false default cells.csv
opened "CSV with special numbers" special 44,34,76,1,,0,false,true default cells.csv
opened "TSV as numbers and text" numbers 9,,76 default cells.tsv
opened "TSV misread as CSV" misread 44,34,76 harmless cells.tsv
opened "CSV misread, separated by semicolons" semicolons 59,34,76 harmless cells.csv

# A sheet has 1,048,576 rows.
columns=time,tid,ret
"$SYSDECODE" --rows-per-file=1048576 --columns=$columns -o many.tsv many.sst
equal "1,060,000 rows are in two files" "1048576 11426 many.00001.tsv many.00002.tsv" \
	"$(wc -l <many.00001.tsv) $(wc -l <many.00002.tsv) $(echo many.0*)"
calc 9,,76,1,1/2/2/2/3/2 'csv:Text - txt - csv (StarCalc):9,,76,1,,0,false,true,false' many many.00001.tsv many.00002.tsv
for part in 00001 00002; do
	check "a sheet has all rows of part $part" cmp many.$part.tsv many/many.$part.csv
done

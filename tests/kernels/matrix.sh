#!/bin/bash
# matrix.sh - the kernel matrix: the oracles recorded on one kernel after the other, a row for each; `make check-kernels`
#
#   tests/kernels/matrix.sh [VERSION[-ARCH]...]    all of them without
#
# What is wrong is printed above the row it belongs to; tests/kernels/run says what the columns are. The last row of each
# kernel is kept in build/kernels/rows/, and all of them are the table in docs/tested.md. Exit status 0 if nothing is wrong
# and at least one kernel ran.
cd "$(dirname "$0")/../.." || exit 1
all=(5.10-amd64 6.1-amd64 6.12-amd64 7.2-amd64 6.1-arm64 6.12-arm64)
rows=build/kernels/rows
[ $# -gt 0 ] || set -- "${all[@]}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-kernels.XXXXXX") && mkdir -p $rows || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
version=$(git describe --always 2>/dev/null)
git diff --quiet HEAD -- . ':!docs/tested.md' 2>/dev/null || version+=+
failed=0 ran=0
printf 'cell\tkernel\tloads\tattaches\tcalls made\trecorded\tlost\tunexplained\tnames wrong\tseconds\tversion\n' >"$tmp/head"

# one CELL: runs it and leaves its row
one() {
	local row
	tests/kernels/run "$1" >"$tmp/said"
	case $? in
	0) ran=$((ran + 1)) ;;
	77) sed -i '$s/^/'"$1"'\tskipped: /; $s/$/\t\t\t\t\t\t\t\t/' "$tmp/said" ;;
	*)
		failed=$((failed + 1))
		sed '$d' "$tmp/said"
		tail -n 1 "$tmp/said" | grep -q "^$1	" || sed -i '$s/^/'"$1"'\tfailed: /; $s/$/\t\t\t\t\t\t\t\t/' "$tmp/said"
		;;
	esac
	row=$(tail -n 1 "$tmp/said")
	printf '%s\t%s\n' "$row" "$version" | tee "$rows/$1"
}

# What has been run, for the document.
section() {
	echo "Debian's cloud kernels under qemu's software emulation, four processors each: the recorder with every oracle, and storms of"
	echo "a million calls, one of them with rings so small that most are lost. Lost calls are accounted for; unexplained ones and"
	echo "wrong names there may be none. Written by \`make check-kernels\` on $(date -u +%Y-%m-%d); a + is a version with changes."
	echo
	awk -F '\t' '{
		printf "|"
		for (i = 1; i <= 11; i++) printf " %s |", $i
		print ""
		if (FNR == 1 && NR == 1) print "|---|---|---|---|---|---|---|---|---|---|---|"
	}' "$tmp/head" $(for cell in "${all[@]}"; do [ -f "$rows/$cell" ] && echo "$rows/$cell"; done)
}

for cell; do
	[[ $cell == *-* ]] || cell=$cell-amd64
	one "$cell"
	cat "$rows/$cell" >>"$tmp/table"
done
echo
cat "$tmp/head" "$tmp/table" |
	awk -F '\t' '{ printf "%-11s %-28s", $1, $2; for (i = 3; i <= 10; i++) printf " %11s", $i; print "" }'
section | tests/tested.sh "Kernels"
[ $failed -eq 0 ] && [ $ran -gt 0 ]

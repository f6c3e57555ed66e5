#!/bin/bash
# matrix.sh - the kernel matrix: the oracles recorded on one kernel after the other, a row for each; `make check-kernels`
#
#   tests/kernels/matrix.sh [VERSION[-ARCH]...]    all of them without
#
# What is wrong is printed above the row it belongs to; tests/kernels/run says what the columns are. A run of all of them
# also puts the table into docs/tested.md, in its own section. Exit status 0 if nothing is wrong and at least one kernel ran.
cd "$(dirname "$0")/../.." || exit 1
all=(5.10-amd64 6.1-amd64 6.12-amd64 7.2-amd64 6.1-arm64 6.12-arm64)
cells=("$@")
[ $# -gt 0 ] || cells=("${all[@]}")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-kernels.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM
failed=0 ran=0

head='cell	kernel	loads	attaches	calls made	recorded	lost	unexplained	names wrong	seconds'
echo "$head" >"$tmp/table"
for cell in "${cells[@]}"; do
	[[ $cell == *-* ]] || cell=$cell-amd64
	tests/kernels/run "$cell" >"$tmp/said"
	case $? in
	77) printf '%s\tskipped: %s\n' "$cell" "$(tail -n 1 "$tmp/said")" >"$tmp/row" ;;
	0) ran=$((ran + 1)); tail -n 1 "$tmp/said" >"$tmp/row" ;;
	*)
		failed=$((failed + 1))
		sed '$d' "$tmp/said"
		tail -n 1 "$tmp/said" >"$tmp/row"
		grep -q "^$cell	" "$tmp/row" || printf '%s\tfailed: %s\n' "$cell" "$(cat "$tmp/row")" >"$tmp/row"
		;;
	esac
	cat "$tmp/row" >>"$tmp/table"
	cat "$tmp/row"
done

# In columns on the terminal, in Markdown in the document.
echo
awk -F '\t' '{ printf "%-11s %-28s", $1, $2; for (i = 3; i <= NF; i++) printf " %11s", $i; print "" }' "$tmp/table"
if [ $# -eq 0 ]; then
	{
		echo '<!-- kernels -->'
		echo '## Kernels'
		echo
		echo "Debian's cloud kernels under qemu's software emulation, four processors each: the recorder with every oracle, and six"
		echo "storms of a million calls (small rings are meant to lose). Written by \`make check-kernels\` on $(date -u +%Y-%m-%d),"
		echo "$(git describe --always --dirty=', with changes not committed')."
		echo
		awk -F '\t' '{
			printf "|"
			for (i = 1; i <= 10; i++) printf " %s |", $i
			print ""
			if (NR == 1) print "|---|---|---|---|---|---|---|---|---|---|"
		}' "$tmp/table"
		echo
		echo '<!-- /kernels -->'
	} >"$tmp/section"
	awk -v section="$tmp/section" '
		function put(line) { while ((getline line <section) > 0) print line; done = 1 }
		/^<!-- kernels -->$/ { put(); inside = 1 }
		!inside { print }
		/^<!-- \/kernels -->$/ { inside = 0 }
		END { if (!done) { print ""; put() } }' docs/tested.md >"$tmp/tested" && cp "$tmp/tested" docs/tested.md
fi
[ $failed -eq 0 ] && [ $ran -gt 0 ]

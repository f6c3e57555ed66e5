#!/bin/bash
# tested.sh - puts what it reads under the heading TITLE of docs/tested.md, instead of what stands there; the other sections,
# which other tests write, stay as they are
#
#   tests/tested.sh TITLE <TEXT
cd "$(dirname "$0")/.." || exit 1
[ $# -eq 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
file=docs/tested.md
text=$(cat)
[ -f "$file" ] || echo '# Tested' >"$file"
new=$(mktemp "$file.XXXXXX") || exit 1
TITLE=$1 TEXT=$text awk '
	function put() { printf "## %s\n\n%s\n", ENVIRON["TITLE"], ENVIRON["TEXT"]; done = 1 }
	/^## / { ours = $0 == "## " ENVIRON["TITLE"]; if (ours && !done) put(); if (!ours && done == 1) { print ""; done = 2 } }
	!ours { print; blank = $0 == "" }
	END { if (!done) { if (!blank) print ""; put() } }
' "$file" >"$new" && chmod 644 "$new" && mv "$new" "$file"

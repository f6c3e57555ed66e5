# verdict.sh - a line a check, for scripts that collect in a file what is wrong; to be sourced. Sets $failed.
# shellcheck shell=bash
failed=0

# verdict NAME FILE: FILE has what is wrong; empty: nothing
verdict() {
	if [ -s "$2" ]; then
		echo "not ok - $1"
		sed 's/^/      /' "$2" | cut -c 1-300 | cat -v | head -n 40
		failed=1
	else
		echo "ok - $1"
	fi
}

#!/bin/bash
# library.sh - the library as a stranger gets it: installed somewhere, found by pkg-config, used by docs/example.c
#
# A line a check: "ok - ", "not ok - " or "skip - what: reason".
cd "$(dirname "$0")/.." || exit 1
CC=${CC:-cc}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sysstream-library.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# check "what" COMMAND...
check() {
	local what=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		sed 's/^/      /' "$tmp/log" | cat -v | tail -n 20
		failed=1
		return 1
	fi
}

# What the example should say, from the decoder's table.
expected() {
	build/sysdecode --no-header --columns=abi,nr,syscall "$tmp/threads.sst" | sort -n -k 2 | cut -f 3 | uniq -c |
		sed 's/^ *//'
}

run_example() {
	"$@" "$tmp/threads.sst" >"$tmp/counts" && expected | diff - "$tmp/counts"
}

prototypes() { # the names of all functions that sst.h declares
	sed 's,/\*.*\*/,,' "$1" | grep -v '^static\|^ \*' | grep -o '\<sst_[a-z0-9_]*(' | tr -d '(' | sort -u
}

exports() { nm -D --defined-only "$1" | sed -n 's/.* T \([a-z0-9_]*\).*/\1/p' | sort; }

only_inline() { # names that the header defines itself
	sed -n 's/^static inline .*\<\(sst_[a-z0-9_]*\)(.*/\1/p' "$1" | sort
}

all_exported() {
	comm -23 <(prototypes "$1") <(only_inline "$1") >"$tmp/declared"
	[ -s "$tmp/declared" ] && exports "$2" | diff "$tmp/declared" -
}

relocated() { # pkg-config of the installed tree, with its place put before the paths
	PKG_CONFIG_PATH=$tmp/tree/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$tmp/tree \
		PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config "$@" sst
}

compile() { $CC -std=c11 -Wall -Wextra -Werror docs/example.c $(relocated --cflags --libs) -o "$tmp/example"; }
is_clean() { [ -z "$(find "$tmp/tree" ! -type d)" ]; }

build/tests/golden/make "$tmp" || exit 1
check "make install-lib with DESTDIR" make install-lib DESTDIR="$tmp/tree" PREFIX=/usr || exit 1
tree=$tmp/tree/usr
so=$(readlink -f "$tree/lib/libsst.so")
check "libsst.so exports what sst.h declares, and nothing else" all_exported "$tree/include/sst.h" "$so"
check "libsst.so.N is the soname" test -e "$tree/lib/$(objdump -p "$so" | sed -n 's/ *SONAME *//p')"
check "sst.h alone compiles as C11" $CC -std=c11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c \
	-include "$tree/include/sst.h" - <<<'typedef int none;'
if command -v c++ >/dev/null; then
	check "sst.h alone compiles as C++" c++ -Wall -Wextra -Werror -fsyntax-only -x c++ \
		-include "$tree/include/sst.h" /dev/null
else
	echo "skip - sst.h alone compiles as C++: no C++ compiler"
fi
if command -v pkg-config >/dev/null; then
	check "docs/example.c compiles by pkg-config" compile &&
		check "docs/example.c counts what sysdecode shows" run_example env LD_LIBRARY_PATH="$tree/lib" "$tmp/example"
else
	echo "skip - docs/example.c compiles by pkg-config: no pkg-config"
fi
check "docs/example.c with libsst.a" $CC -std=c11 -I"$tree/include" docs/example.c "$tree/lib/libsst.a" -lzstd \
	-o "$tmp/static" && check "and that counts the same" run_example "$tmp/static"
check "make uninstall" make uninstall DESTDIR="$tmp/tree" PREFIX=/usr
check "and nothing is left" is_clean
exit $failed

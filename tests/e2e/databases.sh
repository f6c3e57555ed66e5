#!/bin/bash
# databases.sh - tables loaded into PostgreSQL and ClickHouse with the statements of docs/tables.md: counts, sums and every cell are as
# they were. Each is a server of our own, on a socket or port that nobody else has, with its data in the test's folder
# timeout: 200
. "$TESTS/e2e/lib.sh"
DATABASES="python3 -B $TESTS/e2e/databases.py"
columns=time,pid,tid,comm,abi,nr,syscall,arg0,arg1,arg2,arg3,arg4,arg5,ret,errno,duration,state,note,args,path
"$TOP/build/tests/golden/cells" . 100000
for name in cells many; do
	"$SYSDECODE" -o $name.tsv $name.sst 2>/dev/null
	"$SYSDECODE" -F csv -o $name.csv $name.sst 2>/dev/null
	$DATABASES sums $name.tsv >$name.sums
done

# statement N PROGRAM: the N-th block of SQL in the chapter about the program
statement() {
	awk -v program="## $2" -v n="$1" '/^## / { here = $0 == program } !here { next } /^```$/ { inside = 0 } inside && found == n
		/^```sql$/ { inside = 1; found++ }' "$TOP/docs/tables.md"
}
# Servers do not want to be root's.
as_nobody=()
if [ "$(id -u)" -eq 0 ]; then
	as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	chmod 755 .
fi
folder() { mkdir -p "$1" && { [ ${#as_nobody[@]} -eq 0 ] || chown 65534:65534 "$1"; }; }

# --- PostgreSQL

postgres_bin() { dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb "$(command -v initdb)" 2>/dev/null | sort -V | tail -n 1)" 2>/dev/null; }
sql() { psql -X -q -v ON_ERROR_STOP=1 -A -t -F "$(printf '\t')" -h "$PWD/pg" -U tester "$@" 2>psql.err; }
start_postgres() {
	folder pg
	"${as_nobody[@]}" "$bin/initdb" -D pg/data -U tester -A trust -N --locale=C -E UTF8 >pg.log 2>&1 || return
	"${as_nobody[@]}" "$bin/postgres" -D pg/data -k "$PWD/pg" -c listen_addresses= -c fsync=off -c shared_buffers=32MB \
		-c max_connections=10 -c logging_collector=off >>pg.log 2>&1 &
	mine+=($!)
	wait_for 20 sql -d postgres -c 'SELECT 1'
}
postgres_sums() {
	sql -d "$1" -c "SELECT count(*), sum(time), coalesce(sum(duration), 0), sum(value), count(value), count(DISTINCT comm), count(errno),
			sum(octet_length(coalesce(path, ''))) FROM trace;
		SELECT coalesce(syscall, ''), count(*) FROM trace GROUP BY syscall ORDER BY coalesce(syscall, '') COLLATE \"C\""
}
# loaded NAME DATABASE TABLE COPY KIND
loaded() {
	local what="PostgreSQL: $1"
	{ echo 'DROP TABLE IF EXISTS trace;'; statement 1 PostgreSQL; echo "$4"; } | sed "s/'trace\.\([a-z]*\)'/'${3%.*}.\1'/" >load.sql
	if ! sql -d "$2" -f load.sql >load.log; then
		not_ok "$what" psql.err
		return
	fi
	sql -d "$2" -c "COPY (SELECT $columns FROM trace) TO STDOUT (NULL '')" >dump
	check "$what: every cell" $DATABASES same "$3" dump "$5"
	if [ "$5" = bytes ]; then
		postgres_sums "$2" >pg.sums
		check "$what: counts and sums" diff "${3%.*}.sums" pg.sums
	fi
}
bin=$(postgres_bin)
if [ -z "$bin" ] || [ ! -x "$bin/postgres" ] || ! command -v psql >/dev/null; then
	skip "PostgreSQL" "not installed: make check-apps installs it"
elif ! start_postgres; then
	not_ok "PostgreSQL starts" pg.log psql.err
elif [ "$(sql -d postgres -c 'SHOW server_version_num')" -lt 150000 ]; then
	skip "PostgreSQL" "COPY has no HEADER for text before version 15"
else
	sql -d postgres -c 'CREATE DATABASE utf8' &&
		sql -d postgres -c "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'" || not_ok "databases" psql.err
	loaded "TSV, names of any bytes" bytes cells.tsv "$(statement 2 PostgreSQL)" bytes
	loaded "TSV of 100,000 rows" utf8 many.tsv "$(statement 2 PostgreSQL)" bytes
	loaded "CSV, names of any bytes" utf8 cells.csv "$(statement 3 PostgreSQL)" csv
	{ statement 1 PostgreSQL; } | sql -d bytes -c 'DROP TABLE trace' -f - >/dev/null
	"$SYSDECODE" --no-header cells.sst 2>/dev/null | sql -d bytes -c "\\copy trace ($columns) FROM STDIN WITH (NULL '')"
	equal "PostgreSQL: from a pipe" "$(head -n 1 cells.sums)" "$(postgres_sums bytes | head -n 1)"
	if { statement 2 PostgreSQL | sed "s/trace.tsv/cells.tsv/"; } | sql -d utf8 -f - >/dev/null; then
		not_ok "PostgreSQL: UTF8 takes any bytes: docs/tables.md says that it does not"
	else
		says "PostgreSQL: UTF8 refuses bytes that are no text" psql.err 'invalid byte sequence for encoding "UTF8"'
	fi
fi

# --- ClickHouse

http() {
	python3 -B - "http://127.0.0.1:$(cat ch/port)/" "$@" <<'END'
import sys, urllib.error, urllib.parse, urllib.request
url, query, *body = sys.argv[1:]
try:
    data = open(body[0], "rb").read() if body else b""
    url += "?" + urllib.parse.urlencode({"query": query})
    sys.stdout.buffer.write(urllib.request.urlopen(url, data).read())
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode(errors="replace"))
except OSError as error:
    sys.exit(str(error))
END
}
start_clickhouse() {
	folder ch
	folder ch/data
	folder ch/tmp
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >ch/port
	cat >ch/config.xml <<-END
		<?xml version="1.0"?>
		<yandex>
		<logger><level>warning</level><console>1</console></logger>
		<http_port>$(cat ch/port)</http_port><listen_host>127.0.0.1</listen_host>
		<path>$PWD/ch/data/</path><tmp_path>$PWD/ch/tmp/</tmp_path>
		<users_config>users.xml</users_config><default_profile>default</default_profile>
		<default_database>default</default_database><mark_cache_size>100000000</mark_cache_size>
		</yandex>
	END
	cat >ch/users.xml <<-END
		<?xml version="1.0"?>
		<yandex>
		<profiles><default></default></profiles><quotas><default></default></quotas>
		<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
		<quota>default</quota></default></users>
		</yandex>
	END
	"${as_nobody[@]}" "${clickhouse[@]}" --config-file=ch/config.xml >ch.log 2>&1 &
	mine+=($!)
	wait_for 20 http 'SELECT 1'
}
# stored NAME TABLE
stored() {
	http 'DROP TABLE IF EXISTS trace' && http "$(statement 1 ClickHouse)" && http "$(statement 2 ClickHouse)" "$2" &&
		http "SELECT $columns FROM trace FORMAT TabSeparated" >dump || { not_ok "ClickHouse: $1" ch.log; return; }
	check "ClickHouse: $1: every cell" $DATABASES same "$2" dump
	http "SELECT count(), sum(time), sum(duration), sum(toInt64OrZero(ret)), countIf(match(ret, '^-?[0-9]+\$')), uniqExact(comm),
		countIf(errno != ''), sum(length(path)) FROM trace" >ch.sums
	http 'SELECT syscall, count() FROM trace GROUP BY syscall ORDER BY syscall' >>ch.sums
	check "ClickHouse: $1: counts and sums" diff "${2%.*}.sums" ch.sums
}
clickhouse=()
command -v clickhouse-server >/dev/null && clickhouse=(clickhouse-server)
if [ ${#clickhouse[@]} -eq 0 ]; then
	skip "ClickHouse" "not installed: make check-apps installs it"
elif ! start_clickhouse; then
	not_ok "ClickHouse starts" ch.log
else
	stored "names of any bytes" cells.tsv
	stored "100,000 rows" many.tsv
fi

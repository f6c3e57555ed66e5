# sst.awk - the one header to install: sst.h with our other headers in place of their #include
#
#	awk -f format/sst.awk format/sst.h > sst.h
function copy(path,   line, name)
{
	while ((getline line < path) > 0) {
		if (line !~ /^#include "/) {
			print line
			continue
		}
		name = line
		gsub(/^#include "|"$/, "", name)
		if (!(name in done)) {
			done[name] = 1
			copy(folder name)
		}
	}
	close(path)
}
BEGIN {
	folder = ARGV[1]
	sub(/[^\/]*$/, "", folder)
	copy(ARGV[1])
}

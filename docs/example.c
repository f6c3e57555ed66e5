/* example.c - how often was each system call made?   cc example.c $(pkg-config --cflags --libs sst) && ./a.out
 * trace.sst */
#include <sst.h>
#include <stdio.h>

static long read_file(void *file, void *data, size_t len)
{
	return (long)fread(data, 1, len, file);
}

int main(int argc, char **argv)
{
	static unsigned long counts[SST_ABI_COUNT][1024];
	struct sst_source source = {.read = read_file, .context = argc == 2 ? fopen(argv[1], "rb") : NULL};
	struct sst_reader *reader = source.context ? sst_reader_new(&source) : NULL;
	struct sst_rows *rows = sst_rows_new();
	struct sst_frame frame;
	int got;

	while (reader && rows && (got = sst_reader_next(reader, &frame)) != 0)
		if (got < 0) /* damage: the rest of the file comes all the same */
			fprintf(stderr, "%s\n", sst_strerror(got));
		else if (frame.type == SST_FRAME_ROWS && sst_reader_load(reader, &frame) == 0 &&
			 sst_frame_rows(&frame, rows, SST_COL_CALL) == 0)
			for (size_t i = 0; i < rows->n; i++) {
				const struct sst_call *call = &rows->calls[rows->call[i]];

				if (call->nr < 1024 && sst_syscall_name(call->abi, call->nr))
					counts[call->abi][call->nr]++;
			}
	for (unsigned abi = 0; abi < SST_ABI_COUNT; abi++)
		for (unsigned nr = 0; nr < 1024; nr++)
			if (counts[abi][nr])
				printf("%lu %s\n", counts[abi][nr], sst_syscall_name(abi, nr));
	sst_reader_free(reader);
	sst_rows_free(rows);
	return reader ? 0 : 1;
}

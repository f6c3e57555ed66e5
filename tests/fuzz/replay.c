/*
 * replay.c - runs a fuzz target without a fuzzer on each file that is named, and on those of the directories that are
 * named: a line "ok - FILE" each. Whatever is wrong aborts. With "-" it reads one input from standard input, for AFL++.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_KIB 1024

static int run(FILE *f)
{
	uint8_t *all = malloc(SIZE_MAX_KIB << 10), *exact;
	size_t n = all ? fread(all, 1, SIZE_MAX_KIB << 10, f) : 0;

	exact = malloc(n + 1); /* so that a sanitizer sees a byte too far */
	if (!exact) {
		free(all);
		return 1;
	}
	memcpy(exact, all, n);
	free(all);
	exact = realloc(exact, n ? n : 1);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	int err = f ? run(f) : 1;

	if (f)
		fclose(f);
	printf("%s - %s\n", err ? "not ok" : "ok", path);
	return err;
}

static int run_directory(const char *path, DIR *dir)
{
	const struct dirent *entry;
	char name[4096];
	int err = 0;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		err |= run_file(name);
	}
	closedir(dir);
	return err;
}

int main(int argc, char **argv)
{
	int err = argc < 2;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);

		if (dir)
			err |= run_directory(argv[i], dir);
		else
			err |= strcmp(argv[i], "-") == 0 ? run(stdin) : run_file(argv[i]);
	}
	return err;
}

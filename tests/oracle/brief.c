/*
 * brief.c - threads and processes that live for a moment, one after the other; counts all calls.
 *
 *	brief FILE THREADS PROCESSES [pause]
 *
 * Says "ready", waits for a line and makes calls of its own until its end only, which FILE has the number of. The read
 * that waits for the line is none of them. pause: its last call is one that does not return, instead of exit_group.
 */
#include "brief.h"

int main(int argc, char **argv)
{
	uint64_t *made, none = 0;
	int file, err;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: %s FILE THREADS PROCESSES [pause]\n", argv[0]);
		return 2;
	}
	file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	made = file < 0 || ftruncate(file, 4096) ? MAP_FAILED
						 : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (made == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	oracle_wait();
	err = brief_lives(true, atol(argv[2]), made);
	if (!err)
		err = brief_lives(false, atol(argv[3]), made);
	++*made;
	if (argc == 5)
		call(SYS_rt_sigsuspend, (uint64_t)&none, sizeof(none), 0, 0, 0, 0);
	call(SYS_exit_group, (uint64_t) !!err, 0, 0, 0, 0, 0);
	return 1;
}

/*
 * containers.h - which container the threads of a frame were in, and their numbers in its PID namespace
 * (docs/format.md, "Containers"): a stream beside the groups of rows or the processes of a tally, in which an older
 * decoder is not interested.
 *
 *	n = sst_containers_add(&rows->containers, pidns, texts);
 *	rows->groups[i].where.container = n + 1;
 *
 * sst_container_text() reads what is known of one.
 */
#ifndef SST_CONTAINERS_H
#define SST_CONTAINERS_H

#include <stddef.h>
#include <stdint.h>

#define SST_CONTAINERS_MAX     4096       /* in one frame … */
#define SST_CONTAINER_TEXT_MAX 1024       /* … and the bytes of each text of one */
#define SST_CONTAINERS_TEXT    (1u << 19) /* and of all texts of all */

/* On disk: append only. */
enum sst_container_text {
	SST_CONTAINER_ID,   /* 64 hexadecimal digits, or what else its engine calls it by; never empty */
	SST_CONTAINER_NAME, /* as people call it */
	SST_CONTAINER_IMAGE,
	SST_CONTAINER_RUNTIME, /* the engine: docker, podman, containerd, cri-o, lxc, systemd-nspawn */
	SST_CONTAINER_CGROUP,  /* path of its control group */
	SST_CONTAINER_TEXTS
};

struct sst_container {
	uint32_t pidns;  /* inode number of its PID namespace; 0: not known, or that of the host */
	uint32_t offset; /* in text, of the first of its texts, which stand one behind the other */
	uint16_t len[SST_CONTAINER_TEXTS];
};

struct sst_containers {
	struct sst_container *list;
	size_t n, cap;
	char *text; /* any bytes but NUL */
	size_t n_text, cap_text;
};

/* Where a thread or process is. */
struct sst_where {
	uint32_t ns_pid, ns_tid; /* its numbers in its innermost PID namespace; 0: as in the initial one */
	uint16_t container;      /* 1 + index into the containers of the frame; 0: in none, or not known */
};

/*
 * sst_containers_add() - append one; NULL is an empty text, and a longer one than SST_CONTAINER_TEXT_MAX is cut.
 * Returns its index, or -ENOMEM, or -E2BIG.
 */
int sst_containers_add(struct sst_containers *containers, uint32_t pidns, const char *const texts[SST_CONTAINER_TEXTS]);

/* sst_container_text() - not terminated; *len are its bytes. */
const char *sst_container_text(const struct sst_containers *containers, size_t i, enum sst_container_text text,
			       size_t *len);

void sst_containers_clear(struct sst_containers *containers);
void sst_containers_free(struct sst_containers *containers);

#endif

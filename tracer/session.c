#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../format/abi.h"
#include "../format/syscalls.h"
#include "session.h"

/* Made by bpftool, not by us. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wconversion"
#include "sysstream.skel.h"
#pragma GCC diagnostic pop

#if defined(__x86_64__)
static const unsigned abi_of_class[RING_CLASSES] = {SST_ABI_X86_64, SST_ABI_I386, SST_ABI_X32};
#elif defined(__aarch64__)
static const unsigned abi_of_class[RING_CLASSES] = {SST_ABI_AARCH64, SST_ABI_ARM, 0};
#else
#error "sysstream records on x86_64 and aarch64"
#endif

unsigned session_abi(enum ring_class class)
{
	return abi_of_class[class];
}

/* libbpf's own words go to the error sentence's log only when somebody asks for them. */
static int quiet_print(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

static size_t round_up_power(size_t n, size_t least, size_t most)
{
	size_t p = least;

	while (p < n && p < most)
		p *= 2;
	return p;
}

static void configure(struct session *session, const struct session_config *config)
{
	struct sysstream_bpf *bpf = session->bpf;

	session->n_slots = round_up_power(config->slots, 1024, 1 << 22);
	session->n_chunks = round_up_power(config->chunks, 16, RING_CHUNKS_MAX);
	session->all = config->all;
	bpf_map__set_max_entries(bpf->maps.slots, (uint32_t)session->n_slots);
	bpf_map__set_max_entries(bpf->maps.chunks, (uint32_t)session->n_chunks);
	bpf->rodata->slot_mask = (uint32_t)session->n_slots - 1;
	bpf->rodata->chunk_queue_mask = RING_CHUNKS_MAX - 1;
	bpf->rodata->record_all = config->all;
	bpf->rodata->follow = config->follow;
	for (int class = 0; class < RING_CLASSES; class ++)
		for (uint32_t nr = 0; nr < RING_NARGS; nr++)
			bpf->rodata->nargs_of[class][nr] = (unsigned char)sst_syscall_nargs(session_abi(class), nr);
}

/* Array maps of large values lie in memory as C arrays do: element size is a multiple of 8. */
static void *map_memory(struct bpf_map *map, size_t n, size_t size)
{
	return mmap(NULL, n * size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
}

static int map_maps(struct session *session)
{
	struct sysstream_bpf *bpf = session->bpf;

	session->slots = map_memory(bpf->maps.slots, session->n_slots, sizeof(struct ring_slot));
	if (session->slots == MAP_FAILED) {
		session->slots = NULL;
		return -errno;
	}
	session->chunks = map_memory(bpf->maps.chunks, session->n_chunks, sizeof(struct ring_chunk));
	if (session->chunks == MAP_FAILED) {
		session->chunks = NULL;
		return -errno;
	}
	session->recorded = bpf->bss->recorded;
	session->chunk_state = bpf->bss->chunk_state;
	session->free_chunks = bpf->bss->free_chunks;
	session->free_tail = &bpf->bss->free_tail;
	return 0;
}

static void fill_queue(struct session *session)
{
	for (uint32_t i = 0; i < session->n_chunks; i++)
		session->free_chunks[i] = i;
	__atomic_store_n(session->free_tail, (uint32_t)session->n_chunks, __ATOMIC_RELEASE);
}

static int fail(struct session *session, int err, const char *what)
{
	snprintf(session->error, sizeof(session->error), "%s: %s", what, strerror(-err));
	session_close(session);
	return err;
}

int session_open(struct session *session, const struct session_config *config)
{
	int err;

	memset(session, 0, sizeof(*session));
	libbpf_set_print(quiet_print);
	session->bpf = sysstream_bpf__open();
	if (!session->bpf)
		return fail(session, -errno, "cannot open the BPF programs");
	configure(session, config);
	err = sysstream_bpf__load(session->bpf);
	if (err)
		return fail(session, err, "the kernel refuses the BPF programs");
	err = map_maps(session);
	if (err)
		return fail(session, err, "cannot map the ring buffers");
	fill_queue(session);
	err = sysstream_bpf__attach(session->bpf);
	if (err)
		return fail(session, err, "cannot attach to the system call tracepoints");
	return 0;
}

void session_record(struct session *session, uint32_t tgid)
{
	if (tgid >= RING_PID_LIMIT || session->recorded[tgid])
		return;
	__atomic_fetch_add(&session->bpf->bss->processes, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&session->recorded[tgid], RING_RECORDED, __ATOMIC_SEQ_CST);
}

void session_forget(struct session *session, uint32_t tgid)
{
	if (tgid >= RING_PID_LIMIT || !__atomic_exchange_n(&session->recorded[tgid], 0, __ATOMIC_SEQ_CST))
		return;
	__atomic_fetch_sub(&session->bpf->bss->processes, 1, __ATOMIC_SEQ_CST);
}

void session_record_all(struct session *session, uint32_t except)
{
	if (except && except < RING_PID_LIMIT - 1)
		memset(session->recorded + except + 1, RING_RECORDED, RING_PID_LIMIT - except - 1);
	memset(session->recorded, RING_RECORDED, except ? except : RING_PID_LIMIT);
}

int64_t session_processes(const struct session *session)
{
	return __atomic_load_n(&session->bpf->bss->processes, __ATOMIC_RELAXED);
}

void session_loss(const struct session *session, struct session_loss *loss)
{
	for (int i = 0; i < RING_CAUSES; i++)
		loss->calls[i] = __atomic_load_n(&session->bpf->bss->lost[i], __ATOMIC_RELAXED);
	loss->facts = __atomic_load_n(&session->bpf->bss->facts_lost, __ATOMIC_RELAXED);
	loss->dead_slots = __atomic_load_n(&session->bpf->bss->dead_slots, __ATOMIC_RELAXED);
}

static int program_misses(const struct bpf_program *program, uint64_t *misses)
{
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len))
		return -errno;
	*misses = info.recursion_misses;
	return 0;
}

int session_skipped(const struct session *session, uint64_t *entry, uint64_t *exit)
{
	int err = program_misses(session->bpf->progs.sys_enter, entry);

	return err ? err : program_misses(session->bpf->progs.sys_exit, exit);
}

int session_program_fd(const struct session *session)
{
	return bpf_program__fd(session->bpf->progs.sys_enter);
}

void session_stop(struct session *session)
{
	memset(session->recorded, 0, RING_PID_LIMIT);
}

void session_close(struct session *session)
{
	if (session->slots)
		munmap(session->slots, session->n_slots * sizeof(struct ring_slot));
	if (session->chunks)
		munmap(session->chunks, session->n_chunks * sizeof(struct ring_chunk));
	session->slots = NULL;
	session->chunks = NULL;
	sysstream_bpf__destroy(session->bpf);
	session->bpf = NULL;
}

/*
 * syscalls.c - the tables of tables/ as arrays, one per ABI, and the look-ups in them
 */
#include "syscalls.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "signature.h"

/*
 * A call is found at the slot of its number. That is the number itself, but for arm's private calls:
 * they lie at 0xf0000 (ARM_NR_BASE) and follow the others from slot 512 on, where arm has no call.
 * The number in the entry tells the two apart.
 */
#define PRIVATE_BASE 0xf0000u
#define PRIVATE_SLOT 512u
#define SLOT(nr)     ((nr) < PRIVATE_BASE ? (nr) : (nr)-PRIVATE_BASE + PRIVATE_SLOT)

enum ret_kind { INT, PTR };

struct call {
	const char *name; /* NULL: no such call */
	uint32_t nr;
	uint8_t nargs;
	uint8_t ret;        /* enum ret_kind */
	uint16_t signature; /* index into signatures[] */
};

#define SIGNATURE(name, ...) SIGNATURE_##name,
enum {
	SIGNATURE_none,
#include "tables/signatures.inc"
};
#undef SIGNATURE

#define SIGNATURE(name, n, result, result_param, ...)                                                                  \
	[SIGNATURE_##name] = {n, SST_KIND_##result, result_param, {__VA_ARGS__}},
#define ARG(name, kind, param, direction, count, by)                                                                   \
	{                                                                                                              \
#name, SST_KIND_##kind, param, direction, SST_COUNT_##count, by                                        \
	}
static const struct sst_signature signatures[] = {
#include "tables/signatures.inc"
};
#undef SIGNATURE
#undef ARG

/* Another name for a call, that of the kernel's own table. */
struct alias {
	const char *name;
	uint32_t nr;
};

/* Two readings of the same file: calls here, aliases below. */
#define SYSCALL(nr, name, nargs, ret, signature) [SLOT(nr##u)] = {#name, nr##u, nargs, ret, SIGNATURE_##signature},
#define ALIAS(nr, name)

static const struct call x86_64_calls[] = {
#include "tables/x86_64.inc"
};
static const struct call i386_calls[] = {
#include "tables/i386.inc"
};
static const struct call x32_calls[] = {
#include "tables/x32.inc"
};
static const struct call aarch64_calls[] = {
#include "tables/aarch64.inc"
};
static const struct call arm_calls[] = {
#include "tables/arm.inc"
};
static const struct call s390x_calls[] = {
#include "tables/s390x.inc"
};
static const struct call s390_calls[] = {
#include "tables/s390.inc"
};
static const struct call ppc64le_calls[] = {
#include "tables/ppc64le.inc"
};
static const struct call ppc64_calls[] = {
#include "tables/ppc64.inc"
};
static const struct call ppc_calls[] = {
#include "tables/ppc.inc"
};
static const struct call riscv64_calls[] = {
#include "tables/riscv64.inc"
};
static const struct call riscv32_calls[] = {
#include "tables/riscv32.inc"
};

#undef SYSCALL
#undef ALIAS
#define SYSCALL(nr, name, nargs, ret, signature)
#define ALIAS(nr, name) {#name, nr##u},

/* An empty initialiser is no C11, so each list ends in an entry without a name. */
static const struct alias x86_64_aliases[] = {
#include "tables/x86_64.inc"
	{NULL, 0}};
static const struct alias i386_aliases[] = {
#include "tables/i386.inc"
	{NULL, 0}};
static const struct alias x32_aliases[] = {
#include "tables/x32.inc"
	{NULL, 0}};
static const struct alias aarch64_aliases[] = {
#include "tables/aarch64.inc"
	{NULL, 0}};
static const struct alias arm_aliases[] = {
#include "tables/arm.inc"
	{NULL, 0}};
static const struct alias s390x_aliases[] = {
#include "tables/s390x.inc"
	{NULL, 0}};
static const struct alias s390_aliases[] = {
#include "tables/s390.inc"
	{NULL, 0}};
static const struct alias ppc64le_aliases[] = {
#include "tables/ppc64le.inc"
	{NULL, 0}};
static const struct alias ppc64_aliases[] = {
#include "tables/ppc64.inc"
	{NULL, 0}};
static const struct alias ppc_aliases[] = {
#include "tables/ppc.inc"
	{NULL, 0}};
static const struct alias riscv64_aliases[] = {
#include "tables/riscv64.inc"
	{NULL, 0}};
static const struct alias riscv32_aliases[] = {
#include "tables/riscv32.inc"
	{NULL, 0}};

#undef SYSCALL
#undef ALIAS

struct abi {
	const char *name;
	unsigned bits;
	uint32_t slots;
	const struct call *calls;
	const struct alias *aliases;
};

#define ABI(name, bits)                                                                                                \
	{                                                                                                              \
#name, bits, sizeof(name##_calls) / sizeof(name##_calls[0]), name##_calls, name##_aliases              \
	}

static const struct abi abis[SST_ABI_COUNT] = {
	[SST_ABI_X86_64] = ABI(x86_64, 64),   [SST_ABI_I386] = ABI(i386, 32),
	[SST_ABI_X32] = ABI(x32, 64),         [SST_ABI_AARCH64] = ABI(aarch64, 64),
	[SST_ABI_ARM] = ABI(arm, 32),         [SST_ABI_S390X] = ABI(s390x, 64),
	[SST_ABI_S390] = ABI(s390, 32),       [SST_ABI_PPC64LE] = ABI(ppc64le, 64),
	[SST_ABI_PPC64] = ABI(ppc64, 64),     [SST_ABI_PPC] = ABI(ppc, 32),
	[SST_ABI_RISCV64] = ABI(riscv64, 64), [SST_ABI_RISCV32] = ABI(riscv32, 32),
};

static const struct abi *find_abi(unsigned abi)
{
	return abi < SST_ABI_COUNT && abis[abi].name ? &abis[abi] : NULL;
}

const char *sst_abi_name(unsigned abi)
{
	const struct abi *a = find_abi(abi);

	return a ? a->name : NULL;
}

int sst_abi_from_name(const char *name)
{
	for (int i = 0; i < SST_ABI_COUNT; i++)
		if (abis[i].name && !strcmp(abis[i].name, name))
			return i;
	return -1;
}

unsigned sst_abi_bits(unsigned abi)
{
	const struct abi *a = find_abi(abi);

	return a ? a->bits : 64;
}

static const struct call *find_call(unsigned abi, uint32_t nr)
{
	const struct abi *a = find_abi(abi);
	uint32_t slot = SLOT(nr);

	if (!a || slot >= a->slots)
		return NULL;
	return a->calls[slot].name && a->calls[slot].nr == nr ? &a->calls[slot] : NULL;
}

const struct sst_signature *sst_signature(unsigned abi, uint32_t nr)
{
	const struct call *c = find_call(abi, nr);

	return c && c->signature ? &signatures[c->signature] : NULL;
}

const char *sst_syscall_name(unsigned abi, uint32_t nr)
{
	const struct call *c = find_call(abi, nr);

	return c ? c->name : NULL;
}

int sst_syscall_nargs(unsigned abi, uint32_t nr)
{
	const struct call *c = find_call(abi, nr);

	return c ? c->nargs : SST_SYSCALL_MAX_ARGS;
}

bool sst_syscall_ret_is_pointer(unsigned abi, uint32_t nr)
{
	const struct call *c = find_call(abi, nr);

	return c && c->ret == PTR;
}

static int compare_names(const void *name, const void *element)
{
	return strcmp(name, *(const char *const *)element);
}

bool sst_syscall_moves_bytes(unsigned abi, uint32_t nr)
{
	static const char *const names[] = {
		"copy_file_range",
		"pread",
		"pread64",
		"preadv",
		"preadv2",
		"process_vm_readv",
		"process_vm_writev",
		"pwrite",
		"pwrite64",
		"pwritev",
		"pwritev2",
		"read",
		"readv",
		"recv",
		"recvfrom",
		"recvmsg",
		"send",
		"sendfile",
		"sendfile64",
		"sendmsg",
		"sendto",
		"splice",
		"tee",
		"vmsplice",
		"write",
		"writev",
	};
	const char *name = sst_syscall_name(abi, nr);

	return name && bsearch(name, names, sizeof(names) / sizeof(*names), sizeof(*names), compare_names);
}

int sst_syscall_find(unsigned abi, const char *name, uint32_t *nr)
{
	const struct abi *a = find_abi(abi);

	if (!a)
		return -1;
	for (uint32_t i = 0; i < a->slots; i++) {
		if (a->calls[i].name && !strcmp(a->calls[i].name, name)) {
			*nr = a->calls[i].nr;
			return 0;
		}
	}
	for (const struct alias *l = a->aliases; l->name; l++) {
		if (!strcmp(l->name, name)) {
			*nr = l->nr;
			return 0;
		}
	}
	return -1;
}

const char *sst_syscall_next(unsigned abi, uint32_t *nr)
{
	const struct abi *a = find_abi(abi);

	if (!a)
		return NULL;
	/* Slots ascend with the numbers in them, and none lies beyond its number. */
	for (uint32_t i = *nr < PRIVATE_SLOT ? *nr : PRIVATE_SLOT; i < a->slots; i++) {
		if (a->calls[i].name && a->calls[i].nr >= *nr) {
			*nr = a->calls[i].nr;
			return a->calls[i].name;
		}
	}
	return NULL;
}

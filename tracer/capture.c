#include "capture.h"

#include <stdlib.h>
#include <string.h>

#include "../format/abi.h"
#include "../format/rows.h"
#include "../format/signature.h"
#include "../format/syscalls.h"
#include "session.h"

/* Arrays are shown up to some elements. */
#define ARRAY_MOST 256

/*
 * Bytes of a structure that say what is of interest: of a file its type, rights, size and device, which stand before
 * its times; of a system its name. 0: all of it.
 */
static uint16_t most_of(unsigned kind)
{
	switch (kind) {
	case SST_KIND_STAT:
	case SST_KIND_STAT64:
		return 56;
	case SST_KIND_STATX:
		return 48;
	case SST_KIND_UTSNAME:
		return 130;
	case SST_KIND_RUSAGE:
		return 32;
	case SST_KIND_SIGINFO:
		return 48;
	case SST_KIND_SOCKADDR:
	case SST_KIND_FDSET:
	case SST_KIND_CPUSET:
		return 128;
	case SST_KIND_IOVEC:
	case SST_KIND_IOVEC_FROM:
	case SST_KIND_IOVEC_TO:
		return 512;
	case SST_KIND_MMSGHDR:
	case SST_KIND_POLLFD:
	case SST_KIND_EPOLL_EVENT:
		return 1024;
	default:
		return ARRAY_MOST;
	}
}

static uint8_t how_of(const struct sst_memory *memory)
{
	if (memory->form == SST_FORM_STRING && memory->count == SST_COUNT_FIXED)
		return RING_HOW_STRING;
	if (memory->form == SST_FORM_STRINGS)
		return RING_HOW_STRINGS;
	if (memory->bits)
		return RING_HOW_BITS;
	switch (memory->count) {
	case SST_COUNT_ARG:
		return RING_HOW_ARG;
	case SST_COUNT_POINTEE:
		return RING_HOW_POINTER;
	case SST_COUNT_RESULT:
		return RING_HOW_RESULT;
	default:
		return RING_HOW_FIXED;
	}
}

/* A call in the making of its plan. */
struct call {
	unsigned abi;
	const char *name;
	const struct sst_signature *signature;
	const struct capture_limits *limits;
	bool is_exec; /* once it has worked the memory is another's */
};

/* When its memory can be read that argument i points to. */
static uint8_t when_of(const struct call *call, unsigned kind, const struct sst_memory *memory)
{
	uint8_t when = 0;

	if (call->is_exec)
		return RING_AT_ENTRY | RING_IF_FAILED;
	if (memory->direction & SST_READS)
		when |= RING_AT_ENTRY;
	if (memory->direction & SST_WRITES)
		when |= RING_AT_EXIT;
	if (kind == SST_KIND_REMAINING || kind == SST_KIND_REMAINING64) /* of a sleep that was interrupted */
		return when | RING_IF_FAILED;
	return memory->direction & SST_WRITES ? when | RING_IF_GOOD : when;
}

/* Does it fill the buffers that argument i describes? */
static bool fills(const struct call *call, unsigned i)
{
	unsigned kind = call->signature->arg[i].kind;

	if (kind == SST_KIND_IOVEC_TO)
		return true;
	return (kind == SST_KIND_MSGHDR || kind == SST_KIND_MMSGHDR) && strstr(call->name, "recv");
}

static uint32_t limit_of(const struct call *call, unsigned kind)
{
	if (kind == SST_KIND_DATA)
		return call->limits->data;
	if (kind == SST_KIND_PATH || kind == SST_KIND_STRING || kind == SST_KIND_XATTR)
		return call->limits->text;
	return most_of(kind);
}

/* The numbers of ioctls say what they point to, and the program knows. */
static struct ring_capture ioctl_capture(unsigned i)
{
	return (struct ring_capture){.arg = (uint8_t)i,
				     .form = RING_MEMORY,
				     .how = RING_HOW_IOCTL,
				     .when = RING_AT_ENTRY | RING_AT_EXIT | RING_IF_GOOD,
				     .by = (uint8_t)(i - 1),
				     .most = ARRAY_MOST};
}

/* What is in an environment is nobody's business. How many strings that are is shown. */
static struct ring_capture environment_capture(const struct call *call, unsigned i)
{
	return (struct ring_capture){.arg = (uint8_t)i,
				     .form = RING_MEMORY,
				     .how = RING_HOW_NUMBER,
				     .when = RING_AT_ENTRY | RING_IF_FAILED,
				     .size = sst_abi_bits(call->abi) == 32 ? 4 : 8};
}

/* Entries of a directory are data that is read; without them only their bytes are known, not how many there are. */
static struct ring_capture dirents_capture(const struct call *call, unsigned i)
{
	return (struct ring_capture){.arg = (uint8_t)i,
				     .form = RING_MEMORY,
				     .how = RING_HOW_RESULT,
				     .when = RING_AT_EXIT | RING_IF_GOOD,
				     .size = 1,
				     .most = (uint16_t)call->limits->data};
}

/* What is to be captured of argument i. False: nothing. */
static bool capture_of(const struct call *call, unsigned i, struct ring_capture *capture)
{
	unsigned kind = call->signature->arg[i].kind;
	struct sst_memory memory;
	uint32_t limit = limit_of(call, kind);

	if (kind == SST_KIND_IOCTL_ARG && i) {
		*capture = ioctl_capture(i);
		return true;
	}
	if (kind == SST_KIND_ENVIRONMENT) {
		*capture = environment_capture(call, i);
		return true;
	}
	if (kind == SST_KIND_DIRENTS && call->limits->data) {
		*capture = dirents_capture(call, i);
		return true;
	}
	if (!limit || !sst_memory(call->abi, call->signature, i, &memory))
		return false;
	*capture = (struct ring_capture){.arg = (uint8_t)i,
					 .form = memory.form,
					 .how = how_of(&memory),
					 .when = when_of(call, kind, &memory),
					 .by = memory.by,
					 .size = memory.size,
					 .most = (uint16_t)limit};
	if (capture->how == RING_HOW_FIXED && memory.by)
		capture->size = (uint16_t)(memory.size * memory.by);
	if (capture->how == RING_HOW_BITS)
		capture->size = sst_abi_bits(call->abi) == 32 ? 4 : 8;
	if (memory.if_arg != SST_IF_ALWAYS) {
		capture->only_of = memory.if_arg;
		capture->only_mask = memory.if_mask;
		capture->only = memory.if_bits;
		capture->only_at_exit = memory.if_bits_written;
	}
	return true;
}

/* How many structures argument i points to, for a capture of what is behind them. */
static uint8_t count_behind(const struct sst_memory *memory, bool late)
{
	if (memory->count != SST_COUNT_ARG)
		return RING_BY_ONE;
	return late ? RING_BY_RESULT : memory->by;
}

/*
 * What a pointer leads to that stands in the structures of argument i. Nothing but the structure tells when: what a
 * call fills in is there at its end.
 */
static struct ring_capture behind_of(const struct call *call, unsigned i, const struct sst_memory *memory,
				     const struct sst_pointer *pointer)
{
	bool late = fills(call, i);

	return (struct ring_capture){
		.arg = (uint8_t)i,
		.form = RING_BEHIND,
		.how = RING_HOW_BEHIND,
		.when = late ? RING_AT_EXIT | RING_IF_GOOD : RING_AT_ENTRY,
		.by = count_behind(memory, late),
		.size = memory->size,
		.most = (uint16_t)limit_of(call, pointer->kind),
		.pointer = {
			pointer->at, pointer->count_at, pointer->width, pointer->count_width, pointer->unit, 0, {0}}};
}

/* The buffers of a vector, which is the argument itself or what pointer leads to. */
static struct ring_capture parts_of(const struct call *call, unsigned i, const struct sst_memory *memory,
				    const struct sst_pointer *pointer)
{
	struct ring_capture capture = behind_of(call, i, memory, pointer);

	capture.most = (uint16_t)call->limits->data;
	capture.pointer.follow = RING_FOLLOW_PARTS;
	if (pointer->kind == SST_KIND_DATA) {
		capture.pointer.follow |= RING_FOLLOW_ITSELF;
		capture.by = memory->by;
	}
	if (fills(call, i))
		capture.pointer.follow |= capture.by == RING_BY_RESULT ? RING_FOLLOW_SAID : RING_FOLLOW_RESULT;
	return capture;
}

/* What pointers in the structures of argument i lead to. Returns how many captures. */
static unsigned captures_behind(const struct call *call, unsigned i, struct ring_capture *captures, unsigned room)
{
	struct sst_pointer pointer;
	struct sst_memory memory;
	unsigned n = 0;

	if (!sst_memory(call->abi, call->signature, i, &memory))
		return 0;
	for (unsigned k = 0; sst_pointer(call->abi, call->signature->arg[i].kind, k, &pointer); k++) {
		bool leads_to_data = pointer.kind == SST_KIND_DATA || pointer.kind == SST_KIND_IOVEC;

		if (n < room && pointer.kind != SST_KIND_DATA)
			captures[n++] = behind_of(call, i, &memory, &pointer);
		if (n < room && leads_to_data && call->limits->data)
			captures[n++] = parts_of(call, i, &memory, &pointer);
	}
	return n;
}

/* Between which addresses its socket is once the call has returned; what connect() asks for goes on behind it. */
static bool socket_capture(const struct call *call, struct ring_capture *capture)
{
	bool accepts = !strncmp(call->name, "accept", 6), connects = !strcmp(call->name, "connect");

	if (!accepts && !connects && strcmp(call->name, "bind") != 0)
		return false;
	*capture = (struct ring_capture){.arg = SST_CAPTURE_FD,
					 .form = RING_SOCKET,
					 .how = RING_HOW_SOCKET,
					 .when = connects ? RING_AT_EXIT : RING_AT_EXIT | RING_IF_GOOD,
					 .by = accepts};
	return true;
}

/*
 * The signal mask that rt_sigreturn puts back, in the frame that a handler was begun with. The kernel's rt_sigframe has
 * it so far above the stack pointer, which stands behind the first word of it on x86: arch/x86/include/asm/sigframe.h
 * and uapi/asm/sigcontext.h, arch/arm64/kernel/signal.c and signal32.c.
 */
static uint16_t mask_on_stack(unsigned abi)
{
	switch (abi) {
	case SST_ABI_X86_64:
		return 296;
	case SST_ABI_X32:
		return 280;
	case SST_ABI_I386:
		return 248;
	case SST_ABI_AARCH64:
		return 168;
	case SST_ABI_ARM:
		return 232;
	default:
		return 0;
	}
}

static bool stack_capture(const struct call *call, struct ring_capture *capture)
{
	uint16_t at = mask_on_stack(call->abi);

	if (call->signature->result != SST_KIND_FRAME || !at)
		return false;
	*capture = (struct ring_capture){.arg = SST_CAPTURE_STACK,
					 .form = RING_MEMORY,
					 .how = RING_HOW_STACK,
					 .when = RING_AT_ENTRY,
					 .size = 8,
					 .at = at};
	return true;
}

/* The plan of a call; false: nothing of it is captured. */
static bool plan_of(const struct call *call, struct ring_plan *plan)
{
	unsigned n = 0;

	memset(plan, 0, sizeof(*plan));
	for (unsigned i = 0; i < call->signature->nargs && n < RING_CAPTURES; i++) {
		if (!capture_of(call, i, &plan->capture[n]))
			continue;
		n++;
		n += captures_behind(call, i, &plan->capture[n], RING_CAPTURES - n);
	}
	if (n < RING_CAPTURES)
		n += socket_capture(call, &plan->capture[n]);
	if (n < RING_CAPTURES)
		n += stack_capture(call, &plan->capture[n]);
	for (unsigned i = 0; i < n; i++) {
		plan->at_entry |= (unsigned char)(!!(plan->capture[i].when & RING_AT_ENTRY) << i);
		plan->at_exit |= (unsigned char)(!!(plan->capture[i].when & RING_AT_EXIT) << i);
	}
	return n > 0;
}

/* Calls of the same plan share it. Plan 0 captures nothing; so do calls beyond the last. */
static uint8_t add_plan(struct capture_plans *plans, const struct ring_plan *plan)
{
	for (unsigned i = 1; i < plans->n; i++)
		if (!memcmp(&plans->plan[i], plan, sizeof(*plan)))
			return (uint8_t)i;
	if (plans->n == RING_PLANS)
		return 0;
	plans->plan[plans->n] = *plan;
	return (uint8_t)plans->n++;
}

static bool is_exec(const struct sst_signature *signature)
{
	for (unsigned i = 0; i < signature->nargs; i++)
		if (signature->arg[i].kind == SST_KIND_STRINGS)
			return true;
	return false;
}

static uint8_t plan_call(struct capture_plans *plans, const struct capture_limits *limits, unsigned abi, uint32_t nr)
{
	struct call call = {
		.abi = abi, .name = sst_syscall_name(abi, nr), .signature = sst_signature(abi, nr), .limits = limits};
	struct ring_plan plan;

	if (!call.signature || !call.name)
		return 0;
	call.is_exec = is_exec(call.signature);
	return plan_of(&call, &plan) ? add_plan(plans, &plan) : 0;
}

struct capture_plans *capture_plan(const struct capture_limits *limits)
{
	struct capture_plans *plans = calloc(1, sizeof(*plans));

	if (!plans)
		return NULL;
	plans->n = 1;
	for (unsigned class = 0; limits->text && class < RING_CLASSES; class ++)
		for (uint32_t nr = 0; nr < RING_NARGS; nr++)
			plans->of[class][nr] = plan_call(plans, limits, session_abi((enum ring_class) class), nr);
	return plans;
}

uint8_t capture_first_string(const struct ring_plan *plan)
{
	const struct ring_capture *first = &plan->capture[0];
	bool alone = plan->at_entry == 1 && !plan->at_exit;

	if (!(plan->at_entry & 1) || first->how != RING_HOW_STRING || first->only || first->only_at_exit)
		return 0;
	return (uint8_t)((1 + first->arg) | (alone ? RING_ALONE : 0));
}

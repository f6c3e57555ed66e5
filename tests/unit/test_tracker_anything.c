/*
 * test_tracker_anything.c - whatever a file may say: calls, captures, events and gaps that no kernel would make
 */
#include "tracker_rows.h"

/* A small number, an odd one or a very large one. */
static uint64_t any_number(void)
{
	static const uint64_t odd[] = {UINT64_MAX, UINT32_MAX, 16383, 16384, (uint64_t)-100, 0x400, 0x20000, 1030, 4};

	return any(3) ? any(20) : any(3) ? odd[any(sizeof(odd) / sizeof(*odd))] : (uint64_t)any(INT32_MAX) << any(33);
}

static void any_captures(void)
{
	for (unsigned arg = 0; arg < 7; arg++) {
		static const char *const parts[] = {"/", "..", ".", "a", "b/c", "//", "\n"};
		char bytes[200];
		size_t len = any(sizeof(bytes));

		if (any(3) == 0 || row.n_captures == 4)
			continue;
		for (size_t i = 0; i < len; i++)
			bytes[i] = any(4) ? *parts[any(7)] : (char)any(256);
		capture(arg, SST_FORM_STRING, bytes, len, any(4) ? 0 : any(8));
	}
}

static void any_call(uint64_t now)
{
	uint32_t nr = any(460), tid = 10 + any(60);
	uint64_t end = any(5) ? now + any(200) : any(2) ? now : UINT64_MAX - any(3);

	make(tid, "read", now, end, any(3) ? (int64_t)any(30) : (int64_t)any_number());
	row.seq -= any(10) == 0;
	call_init(&call, &(struct sst_call){.abi = (uint8_t)any(13), .nr = nr, .nargs = 6});
	who.pid = any(20) ? who.pid : any(100);
	row.state = (uint8_t)(any(3) ? SST_OK : any(SST_STATE_COUNT));
	for (unsigned i = 0; i < SST_ARGS; i++)
		row.arg[i] = any_number();
	any_captures();
	give();
}

static void any_other(uint64_t now)
{
	static const uint8_t some[] = "/some/where (deleted)";
	uint32_t tid = 10 + any(60);

	switch (any(6)) {
	case 0:
		tracker_gap(tracker, &(struct sst_gap){.time = now,
						       .until = now + any(90),
						       .count = any(3),
						       .pid = tid / 10 * 10,
						       .tid = any(4) ? tid : 0,
						       .cause = (uint8_t)any(SST_CAUSE_COUNT)});
		break;
	case 1:
		tracker_open(tracker,
			     &(struct sst_open){.time = now - any(50),
						.until = now,
						.pid = tid / 10 * 10,
						.what = any_number(),
						.len = any(sizeof(some))},
			     some);
		break;
	case 2:
		tracker_list(tracker, revoke, NULL);
		n_revoked = 0;
		break;
	case 3:
		if (any(200) == 0)
			tracker_forget(tracker);
		break;
	default:
		tracker_event(tracker, &(struct sst_event){.kind = (uint8_t)any(6),
							   .time = now,
							   .pid = tid / 10 * 10,
							   .tid = tid,
							   .a = any(3) ? 10 + any(60) : any_number()});
		break;
	}
}

/* Nothing to be compared here, but for what the sanitizers say: all names are given whole, and memory stays in bounds.
 */
static void anything(void **state)
{
	(void)state;
	for (random_state = 1; random_state < 20; random_state++) {
		uint64_t seed = random_state, now = 1000;

		tracker_free(tracker);
		tracker = tracker_new(any(2) ? 200000 + any(200000) : MEMORY);
		tracker_begin(tracker, &meta, false);
		for (unsigned i = 0; i < 6000; i++, now += any(3) ? any(30) : 0) {
			if (any(5))
				any_call(now);
			else
				any_other(now);
		}
		random_state = seed;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_containers.c - where threads were: the stream, names of control groups, and what engines say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../decode/containers.h"
#include "../../format/containers_stream.h"
#include "../../format/error.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static uint8_t space[65536];

static struct sst_bytes encode(const struct sst_containers *containers, const struct sst_where *where, size_t n)
{
	uint8_t *end = sst_encode_containers(containers, where, sizeof(*where), n, space);

	assert_true((size_t)(end - space) <= sst_containers_space(containers, n));
	return (struct sst_bytes){.data = space, .len = (size_t)(end - space)};
}

static struct sst_containers two(void)
{
	static const char *const web[] = {ID, "web", "nginx", "docker", "/docker/" ID}, *const bare[] = {"beta", NULL};
	const char *texts[SST_CONTAINER_TEXTS] = {bare[0]};
	struct sst_containers containers = {0};

	assert_int_equal(sst_containers_add(&containers, 4026532000u, web), 0);
	assert_int_equal(sst_containers_add(&containers, 0, texts), 1);
	return containers;
}

static void comes_back(void **state)
{
	struct sst_containers in = two(), out = {0};
	const struct sst_where where[] = {{1, 1, 1}, {0, 0, 0}, {7, 4294967295u, 2}};
	struct sst_where back[3] = {0};
	struct sst_bytes stream = encode(&in, where, 3);
	size_t len;

	(void)state;
	assert_int_equal(sst_decode_containers(&stream, &out, back, sizeof(*back), 3), 0);
	assert_int_equal(out.n, 2);
	assert_int_equal(out.list[0].pidns, 4026532000u);
	assert_memory_equal(sst_container_text(&out, 0, SST_CONTAINER_CGROUP, &len), "/docker/" ID, 8 + 64);
	assert_int_equal(len, 8 + 64);
	sst_container_text(&out, 1, SST_CONTAINER_NAME, &len);
	assert_int_equal(len, 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(back[i].container, where[i].container);
		assert_int_equal(back[i].ns_pid, where[i].ns_pid);
		assert_int_equal(back[i].ns_tid, where[i].ns_tid);
	}
	sst_containers_free(&in);
	sst_containers_free(&out);
}

/* Every byte changed and every length: refused or something, but nothing beyond what is there. */
static void anything_may_stand_there(void **state)
{
	struct sst_containers in = two(), out = {0};
	const struct sst_where where[] = {{1, 1, 1}, {2, 0, 2}};
	struct sst_bytes stream = encode(&in, where, 2);
	uint8_t *copy = malloc(stream.len + 1);
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < stream.len; i++) {
		struct sst_where back[2] = {0};
		struct sst_bytes part = {.data = copy, .len = i};

		memcpy(copy, stream.data, stream.len);
		assert_int_not_equal(sst_decode_containers(&part, &out, back, sizeof(*back), 2), 0);
		part.len = stream.len;
		copy[i] ^= 0x81;
		refused += sst_decode_containers(&part, &out, back, sizeof(*back), 2) != 0;
		assert_true(back[0].container <= out.n || refused);
	}
	assert_true(refused > 10);
	free(copy);
	sst_containers_free(&in);
	sst_containers_free(&out);
}

static void limits(void **state)
{
	char *texts[SST_CONTAINER_TEXTS], long_text[2000];
	const char *list[SST_CONTAINER_TEXTS];
	struct sst_containers containers = {0};
	int i = 0;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = 0;
	for (int k = 0; k < SST_CONTAINER_TEXTS; k++)
		list[k] = texts[k] = long_text;
	while (i >= 0)
		i = sst_containers_add(&containers, 1, list);
	assert_int_equal(i, -7); /* E2BIG */
	assert_int_equal(containers.n, SST_CONTAINERS_TEXT / (SST_CONTAINER_TEXTS * SST_CONTAINER_TEXT_MAX));
	sst_containers_free(&containers);
}

static uint16_t number_of(const char *id, const char *name)
{
	const char *texts[SST_CONTAINER_TEXTS] = {id, name};
	struct sst_containers containers = {0};
	struct sst_where where = {.container = 1};

	sst_containers_add(&containers, 0, texts);
	containers_intern(&containers, &where, sizeof(where), 1);
	assert_int_equal(containers.n, 0);
	sst_containers_free(&containers);
	return where.container;
}

/* A name that comes later changes nothing in what was without it, and goes for sums. */
static void names_come_later(void **state)
{
	uint16_t bare = number_of(ID, NULL), named = number_of(ID, "web"), other = number_of("beta", "beta");
	size_t len;

	(void)state;
	assert_int_not_equal(bare, named);
	assert_int_equal(number_of(ID, "web"), named);
	assert_int_equal(container_identity(bare), container_identity(named));
	assert_int_not_equal(container_identity(bare), container_identity(other));
	assert_memory_equal(container_text(bare, CONTAINER_LABEL, &len), "0123456789ab", 12);
	assert_int_equal(len, 12);
	assert_memory_equal(container_text(container_identity(bare), CONTAINER_BEST, &len), "web", 3);
	assert_int_equal(len, 3);
	assert_true(container_is(named, "web"));
	assert_false(container_is(bare, "web"));
	assert_true(container_is(bare, "0123"));
	assert_false(container_is(bare, "012"));
	assert_false(container_is(bare, "1234"));
	assert_true(container_is(bare, ID));
	assert_true(container_is(other, "beta"));
	assert_false(container_is(other, "bet"));
	assert_false(container_is(CONTAINER_NONE, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(anything_may_stand_there),
		cmocka_unit_test(limits),
		cmocka_unit_test(names_come_later),
	};

	return cmocka_run_group_tests_name("containers", tests, NULL, NULL);
}

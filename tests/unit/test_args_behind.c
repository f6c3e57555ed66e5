/*
 * test_args_behind.c - what pointers in structures lead to, as text: messages, vectors and control data with the
 * layouts of ABIs of both widths and byte orders
 */
#include <stdio.h>

#include "args_rows.h"

/* How an ABI has structures in memory. */
static const struct layout {
	unsigned abi, width;
	bool big;
} layouts[] = {
	{X86_64, 8, false}, {AARCH64, 8, false}, {I386, 4, false}, {X32, 4, false},
	{ARM, 4, false},    {PPC, 4, true},      {PPC64, 8, true}, {S390X, 8, true},
};
#define LAYOUTS (sizeof(layouts) / sizeof(layouts[0]))

/* Memory in the making. */
struct image {
	const struct layout *layout;
	uint8_t bytes[256];
	size_t n;
};

static struct image image_of(const struct layout *layout)
{
	return (struct image){.layout = layout};
}

static void add(struct image *image, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		image->bytes[image->n++] = (uint8_t)(value >> 8 * (image->layout->big ? width - 1 - i : i));
}

static void add_long(struct image *image, uint64_t value)
{
	add(image, value, image->layout->width);
}

/* struct msghdr: fields are longs, but for two that are aligned as if they were. */
static void add_header(struct image *image, uint64_t name, uint32_t name_len, uint64_t vector, uint64_t parts,
		       uint64_t control, uint64_t control_len)
{
	unsigned padding = image->layout->width - 4;

	add_long(image, name);
	add(image, name_len, 4);
	add(image, 0, padding);
	add_long(image, vector);
	add_long(image, parts);
	add_long(image, control);
	add_long(image, control_len);
	add(image, 0x40, 4); /* MSG_DONTWAIT */
	add(image, 0, padding);
}

static void add_part(struct image *image, uint64_t base, uint64_t len)
{
	add_long(image, base);
	add_long(image, len);
}

/* struct sockaddr_in: the family as the machine has numbers, the rest as networks do. */
static void add_internet(struct image *image)
{
	static const uint8_t rest[] = {0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0};

	add(image, 2, 2);
	memcpy(image->bytes + image->n, rest, sizeof(rest));
	image->n += sizeof(rest);
}

/* SCM_RIGHTS with two descriptors, then SCM_CREDENTIALS: 8 bytes and the width more each, aligned as longs are. */
static void add_control(struct image *image)
{
	unsigned head = image->layout->width + 8;

	add_long(image, head + 8);
	add(image, 1, 4);
	add(image, 1, 4);
	add(image, 5, 4);
	add(image, 6, 4);
	add_long(image, head + 12);
	add(image, 1, 4);
	add(image, 2, 4);
	add(image, 1234, 4);
	add(image, 0, 4);
	add(image, 7, 4);
}

static void memory(unsigned arg, unsigned flags, const struct image *image)
{
	captured(arg, SST_FORM_MEMORY, flags, image->bytes, image->n);
}

/* What the pointer at … part of an argument leads to. */
static void behind(unsigned arg, unsigned flags, size_t at, size_t part, const void *bytes, size_t len)
{
	uint8_t all[512] = {(uint8_t)at, (uint8_t)(at >> 8), (uint8_t)part, (uint8_t)(part >> 8)};

	memcpy(all + SST_BEHIND_HEAD, bytes, len);
	captured(arg, SST_FORM_BEHIND, flags, all, SST_BEHIND_HEAD + len);
}

static void image_behind(unsigned arg, unsigned flags, size_t at, const struct image *image)
{
	behind(arg, flags, at, 0, image->bytes, image->n);
}

#define NAME       "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}"
#define FLAGS      ", msg_flags=MSG_DONTWAIT}"
#define WANTED_MAX 1024

/* The control data of add_control(). */
static const char *control_text(const struct layout *layout)
{
	static char control[WANTED_MAX];
	unsigned head = layout->width + 8;

	snprintf(control, sizeof(control),
		 "msg_control=[{cmsg_len=%u, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5, 6]}, "
		 "{cmsg_len=%u, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, "
		 "cmsg_data={pid=1234, uid=0, gid=7}}], msg_controllen=%u",
		 head + 8, head + 12, 2 * head + 20);
	return control;
}

/* sendmsg() of two buffers, with a name and control data. flags: of the second buffer, with data. */
static void make_send(const struct layout *layout, bool data, unsigned flags)
{
	struct image header = image_of(layout), name = header, vector = header, control = header;
	size_t width = layout->width;

	add_control(&control);
	add_header(&header, 0x100, 16, 0x200, 2, 0x300, control.n);
	add_internet(&name);
	add_part(&vector, 0x1000, 5);
	add_part(&vector, 0x2000, 3);
	BEGIN(layout->abi, "sendmsg", 8, 3, 0x10, 0x4000);
	memory(1, 0, &header);
	image_behind(1, 0, 0, &name);
	image_behind(1, 0, 2 * width, &vector);
	if (data) {
		behind(1, 0, 2 * width, 1, "hello", 5);
		behind(1, flags, 2 * width, 2 * width + 1, "a\n", flags & SST_CAPTURE_UNREADABLE ? 0 : 2);
	}
	image_behind(1, 0, 4 * width, &control);
}

static void sent(void **state)
{
	static const struct {
		bool data;
		unsigned flags;
		const char *vector;
	} cases[] = {
		{false, 0, "[{iov_base=0x1000, iov_len=5}, {iov_base=0x2000, iov_len=3}]"},
		{true, 0, "[{iov_base=\"hello\", iov_len=5}, {iov_base=\"a\\n\", iov_len=3}]"},
		{true, CUT, "[{iov_base=\"hello\", iov_len=5}, {iov_base=\"a\\n\"..., iov_len=3}]"},
		{true, SST_CAPTURE_UNREADABLE, "[{iov_base=\"hello\", iov_len=5}, {iov_base=0x2000, iov_len=3}]"},
	};
	char want[2 * WANTED_MAX];

	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
			make_send(&layouts[i], cases[k].data, cases[k].flags);
			snprintf(want, sizeof(want),
				 "3, {msg_name=" NAME ", msg_namelen=16, msg_iov=%s, msg_iovlen=2, %s" FLAGS
				 ", MSG_NOSIGNAL",
				 cases[k].vector, control_text(&layouts[i]));
			expect(want);
		}
	}
}

/* Of what the pointers of a message lead to nothing is known: addresses. Of an empty vector all is. */
static void not_captured(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct image header = image_of(&layouts[i]), empty = header;

		add_header(&header, 0x100, 16, 0x200, 2, 0x300, 16);
		BEGIN(layouts[i].abi, "sendmsg", -14, 3, 0x10, 0);
		memory(1, 0, &header);
		behind(1, SST_CAPTURE_UNREADABLE, 0, 0, "", 0);
		expect("3, {msg_name=0x100, msg_namelen=16, msg_iov=0x200, msg_iovlen=2, msg_control=0x300, "
		       "msg_controllen=16" FLAGS ", 0");
		add_header(&empty, 0, 0, 0x200, 0, 0, 0);
		BEGIN(layouts[i].abi, "sendmsg", 0, 3, 0x10, 0);
		memory(1, 0, &empty);
		expect("3, {msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0, msg_controllen=0" FLAGS ", 0");
		BEGIN(layouts[i].abi, "sendmsg", -14, 3, 0x10, 0); /* a header that is cut */
		captured(1, SST_FORM_MEMORY, CUT, header.bytes, header.n - 1);
		expect("3, 0x10, 0");
	}
}

/* What recvmsg() has filled in: 7 bytes in buffers of 5 and 10, less of a name than there was room for. */
static void received(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct image before = image_of(&layouts[i]), after = before, name = before, vector = before;
		size_t width = layouts[i].width;

		add_header(&before, 0x100, 128, 0x200, 2, 0, 0);
		add_header(&after, 0x100, 16, 0x200, 2, 0, 0);
		add_internet(&name);
		add_part(&vector, 0x1000, 5);
		add_part(&vector, 0x2000, 10);
		BEGIN(layouts[i].abi, "recvmsg", 7, 3, 0x10, 0);
		memory(1, 0, &before);
		memory(1, LATE, &after);
		image_behind(1, LATE, 0, &name);
		image_behind(1, LATE, 2 * width, &vector);
		behind(1, LATE, 2 * width, 1, "hello", 5);
		behind(1, LATE, 2 * width, 2 * width + 1, "ab", 2);
		expect("3, {msg_name=" NAME ", msg_namelen=128 => 16, msg_iov=[{iov_base=\"hello\", iov_len=5}, "
		       "{iov_base=\"ab\", iov_len=10}], msg_iovlen=2, msg_controllen=0" FLAGS ", 0");
		BEGIN(layouts[i].abi, "recvmsg", -11, 3, 0x10, 0);
		memory(1, 0, &before);
		expect("3, {msg_namelen=128}, 0");
	}
}

/* Two messages: the second begins behind the first, its length, and what aligns it. */
static void several(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct image before = image_of(&layouts[i]), after = before, vector = before, other = before;
		size_t width = layouts[i].width, size = 8 * width;

		for (unsigned k = 0; k < 2; k++) {
			add_header(&before, 0, 0, 0x200, 1, 0, 0);
			add_long(&before, 0);
			add_header(&after, 0, 0, 0x200, 1, 0, 0);
			add(&after, k ? 2 : 5, 4);
			add(&after, 0, (unsigned)width - 4);
		}
		add_part(&vector, 0x1000, 5);
		add_part(&other, 0x2000, 2);
		BEGIN(layouts[i].abi, "sendmmsg", 2, 3, 0x10, 2, 0);
		memory(1, 0, &before);
		memory(1, LATE, &after);
		image_behind(1, 0, 2 * width, &vector);
		behind(1, 0, 2 * width, 1, "hello", 5);
		image_behind(1, 0, size + 2 * width, &other);
		behind(1, 0, size + 2 * width, 1, "ab", 2);
		expect("3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"hello\", iov_len=5}], "
		       "msg_iovlen=1, msg_controllen=0" FLAGS ", msg_len=5}, {msg_hdr={msg_name=NULL, msg_namelen=0, "
		       "msg_iov=[{iov_base=\"ab\", iov_len=2}], msg_iovlen=1, msg_controllen=0" FLAGS
		       ", msg_len=2}], 2, 0");
	}
}

static void vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct image vector = image_of(&layouts[i]);
		size_t width = layouts[i].width;

		add_part(&vector, 0x1000, 5);
		add_part(&vector, 0x2000, 10);
		BEGIN(layouts[i].abi, "writev", 15, 3, 0x10, 2);
		memory(1, 0, &vector);
		behind(1, 0, 0, 0, "hello", 5);
		behind(1, CUT, 2 * width, 0, "0123", 4);
		expect("3, [{iov_base=\"hello\", iov_len=5}, {iov_base=\"0123\"..., iov_len=10}], 2");
		BEGIN(layouts[i].abi, "readv", 3, 3, 0x10, 2); /* nothing in the second */
		memory(1, 0, &vector);
		behind(1, LATE, 0, 0, "abc", 3);
		expect("3, [{iov_base=\"abc\", iov_len=5}, {iov_base=\"\", iov_len=10}], 2");
		BEGIN(layouts[i].abi, "readv", 3, 3, 0x10, 2);
		captured(1, SST_FORM_MEMORY, CUT, vector.bytes, 3 * width); /* one and a half */
		expect("3, [{iov_base=0x1000, iov_len=5}, ...], 2");
	}
}

/* Lengths of control data that lead nowhere. */
static void wrong_control(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		struct image header = image_of(&layouts[i]), control = header;
		size_t width = layouts[i].width;

		add_header(&header, 0, 0, 0, 0, 0x300, 64);
		add_long(&control, 3); /* shorter than its own head */
		add(&control, 1, 4);
		add(&control, 1, 4);
		BEGIN(layouts[i].abi, "sendmsg", -22, 3, 0x10, 0);
		memory(1, 0, &header);
		image_behind(1, 0, 4 * width, &control);
		expect("3, {msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_control=[{cmsg_len=3, "
		       "cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS}, ...], msg_controllen=64" FLAGS ", 0");
	}
}

/* Why something sent has come back, and from where; too short, or without an address. */
static void errors(void **state)
{
	static const char said[] = "cmsg_level=SOL_IP, cmsg_type=IP_RECVERR";

	(void)state;
	for (size_t i = 0; i < LAYOUTS; i++) {
		for (unsigned len = 8; len <= 32; len += len == 8 ? 8 : 16) {
			struct image header = image_of(&layouts[i]), control = header;
			size_t width = layouts[i].width, head = width + 8;
			char want[WANTED_MAX], data[WANTED_MAX] = "";

			add_header(&header, 0, 0, 0, 0, 0x300, head + len);
			add_long(&control, head + len);
			add(&control, 0, 4);
			add(&control, 11, 4);
			add(&control, 111, 4);
			add(&control, layouts[i].big ? 0x02030300 : 0x00030302, 4); /* bytes: 2, 3, 3, 0 */
			if (len > 8) {
				add(&control, 1400, 4);
				add(&control, 5, 4);
			}
			if (len > 16)
				add_internet(&control);
			if (len > 8)
				snprintf(data, sizeof(data),
					 ", cmsg_data={ee_errno=111, ee_origin=2, ee_type=3, ee_code=3, ee_info=1400, "
					 "ee_data=5%s}",
					 len > 16 ? ", offender=" NAME : "");
			snprintf(want, sizeof(want),
				 "3, {msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, "
				 "msg_control=[{cmsg_len=%zu, %s%s}], msg_controllen=%zu" FLAGS ", 0",
				 head + len, said, data, head + len);
			BEGIN(layouts[i].abi, "sendmsg", -22, 3, 0x10, 0);
			memory(1, 0, &header);
			image_behind(1, 0, 4 * width, &control);
			expect(want);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sent),    cmocka_unit_test(not_captured), cmocka_unit_test(received),
		cmocka_unit_test(several), cmocka_unit_test(vectors),      cmocka_unit_test(wrong_control),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

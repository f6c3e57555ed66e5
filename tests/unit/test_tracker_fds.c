/*
 * test_tracker_fds.c - what descriptors stand for: files, their copies, what has no path, and sockets by their
 * addresses
 */
#include "format/bytes.h"
#include "tracker_rows.h"

static void descriptors(void **state)
{
	(void)state;
	assert_string_equal(use(10, 10, 3), "?");
	open_file(10, 20, "/a", 3);
	assert_string_equal(use(10, 30, 3), "/a");
	assert_string_equal(use(20, 30, 3), "?"); /* another process */
	open_file(10, 40, "/b", -EACCES);
	assert_string_equal(use(10, 50, 3), "/a");
	assert_string_equal(numbers(10, "dup", 60, 4, 3, 0, 0), "/a");
	assert_string_equal(numbers(10, "dup2", 70, 0, 4, 0, 0), "/a");
	assert_string_equal(close_between(10, 80, 85, 3), "/a");
	assert_string_equal(use(10, 90, 3), "?");
	assert_string_equal(use(10, 100, 4), "/a");
	assert_string_equal(use(10, 110, 0), "/a");
	open_file(10, 120, "/c", 3);
	assert_string_equal(use(10, 130, 3), "/c");
	numbers(10, "dup3", 140, 4, 3, 4, 0);
	assert_string_equal(use(10, 150, 4), "/c");
	numbers(10, "fcntl", 160, 9, 0, 1030, 5);
	assert_string_equal(use(10, 170, 9), "/a");
	numbers(10, "dup2", 180, 77, 66, 77, 0); /* of one that is not known */
	assert_string_equal(use(10, 190, 77), "?");
	make(10, "openat", 200, 205, 10);
	row.arg[0] = 9;
	string(1, "below");
	assert_string_equal(give(), "/a/below");
	assert_string_equal(use(10, 210, 10), "/a/below");
	assert_string_equal(open_flags(10, 220, "/tmp", 11, 020200000), "/tmp"); /* O_TMPFILE */
	assert_string_equal(use(10, 230, 11), "?");
	make(10, "close", 240, 245, -EBADF);
	row.arg[0] = 99;
	assert_string_equal(give(), "-");
	numbers(10, "close_range", 250, 0, 4, 9, 0);
	assert_string_equal(use(10, 260, 3), "/c");
	assert_string_equal(use(10, 270, 4), "?");
	assert_string_equal(use(10, 280, 9), "?");
	assert_string_equal(use(10, 290, 10), "/a/below");
	numbers(10, "close_range", 300, 0, 3, ~0u, 0);
	assert_string_equal(use(10, 310, 10), "?");
	assert_string_equal(use(10, 320, 0), "/a");
}

static void things(void **state)
{
	static const uint8_t pair[8] = {[0] = 5, [4] = 6};

	(void)state;
	numbers(10, "epoll_create1", 10, 3, CLOEXEC, 0, 0);
	assert_string_equal(use(10, 20, 3), "anon_inode:[eventpoll]");
	numbers(10, "eventfd2", 30, 4, 0, 0, 0);
	assert_string_equal(use(10, 40, 4), "anon_inode:[eventfd]");
	make(10, "pipe2", 50, 55, 0);
	capture(0, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 60, 5), "pipe:[?]");
	assert_string_equal(use(10, 70, 6), "pipe:[?]");
	make(10, "memfd_create", 80, 85, 7);
	string(0, "x");
	assert_string_equal(give(), "-");
	assert_string_equal(use(10, 90, 7), "/memfd:x (deleted)");
	make(10, "openat", 100, 105, 8);
	row.arg[0] = 7;
	string(1, "below");
	assert_string_equal(give(), "?"); /* nothing is below it by that name */
	numbers(10, "bpf", 110, 9, 0, 0, 0);
	assert_string_equal(use(10, 120, 9), "?");
	numbers(10, "signalfd4", 130, 10, (uint64_t)-1, 0, 8);
	assert_string_equal(use(10, 140, 10), "anon_inode:[signalfd]");
	make(10, "mmap", 150, 155, 0x7f0000000000);
	row.arg[4] = 10;
	assert_string_equal(give(), "anon_inode:[signalfd]");
	make(10, "mmap", 160, 165, 0x7f0000000000);
	row.arg[4] = UINT32_MAX;
	assert_string_equal(give(), "-");
}

static void address(const char *name, uint64_t time, int fd, int64_t ret, const void *bytes, size_t len)
{
	make(10, name, time, time + 5, ret);
	row.arg[0] = (uint64_t)fd;
	capture(1, SST_FORM_MEMORY, bytes, len, 0);
	row.arg[2] = len;
	give();
}

static void socket_of(uint16_t family, uint16_t type, uint16_t local, uint16_t peer)
{
	uint8_t bytes[44] = {0};

	sst_put16(bytes, family);
	sst_put16(bytes + 2, type);
	sst_put16(bytes + 8, local);
	sst_put16(bytes + 10, peer);
	bytes[12] = bytes[28] = 127;
	bytes[15] = bytes[31] = 1;
	capture(SST_CAPTURE_FD, SST_FORM_SOCKET, bytes, sizeof(bytes), SST_CAPTURE_LATE);
}

static void sockets(void **state)
{
	static const uint8_t any[16] = {2, 0, 0x18, 0xeb}, peer[16] = {2, 0, 0x15, 0xb3, 127, 0, 0, 1};
	static const uint8_t local[16] = {2, 0, 0, 80, 10, 0, 0, 1};
	static const char name[] = "\1\0/run/x.sock", abstract[] = "\1\0\0bus";
	static const uint8_t v6[28] = {10, 0, 0, 53, [23] = 1};
	static const uint8_t pair[8] = {[0] = 20, [4] = 21};

	(void)state;
	assert_string_equal(numbers(10, "socket", 10, 3, 2, 1 | CLOEXEC, 0), "-");
	assert_string_equal(use(10, 20, 3), "TCP");
	address("bind", 30, 3, 0, any, 16);
	assert_string_equal(use(10, 40, 3), "TCP 0.0.0.0:6379");
	address("accept4", 50, 3, 4, peer, 16);
	assert_string_equal(shown, "TCP 0.0.0.0:6379");
	assert_string_equal(use(10, 60, 4), "TCP ?:6379->127.0.0.1:5555");
	address("getsockname", 70, 4, 0, local, 16);
	assert_string_equal(use(10, 80, 4), "TCP 10.0.0.1:80->127.0.0.1:5555");
	numbers(10, "socket", 90, 5, 2, 2, 0);
	numbers(10, "dup", 100, 6, 5, 0, 0);
	address("connect", 110, 6, 0, local, 16);
	assert_string_equal(use(10, 120, 5), "UDP ?->10.0.0.1:80"); /* the same socket */
	address("connect", 130, 5, -ECONNREFUSED, peer, 16);
	assert_string_equal(use(10, 140, 5), "UDP ?->10.0.0.1:80");
	numbers(10, "socket", 150, 7, 1, 1, 0);
	address("connect", 160, 7, 0, name, sizeof(name));
	assert_string_equal(use(10, 170, 7), "UNIX-STREAM ?->/run/x.sock");
	numbers(10, "socket", 180, 8, 1, 2, 0);
	address("bind", 190, 8, 0, abstract, sizeof(abstract) - 1);
	assert_string_equal(use(10, 200, 8), "UNIX-DGRAM @bus");
	numbers(10, "socket", 210, 9, 10, 1, 0);
	address("connect", 220, 9, -EINPROGRESS, v6, 28);
	assert_string_equal(use(10, 230, 9), "TCPv6 ?->[::1]:53");
	make(10, "socketpair", 240, 245, 0);
	row.arg[0] = row.arg[1] = 1;
	capture(3, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 250, 21), "UNIX-STREAM");
	/* As the kernel saw it. */
	make(10, "accept4", 252, 255, 23);
	row.arg[0] = 3;
	socket_of(2, 1, 6379, 5555);
	give();
	assert_string_equal(use(10, 256, 23), "TCP 127.0.0.1:6379->127.0.0.1:5555");
	make(10, "connect", 257, 258, 0);
	row.arg[0] = 99;
	socket_of(2, 2, 4711, 53);
	give();
	assert_string_equal(use(10, 259, 99), "UDP 127.0.0.1:4711->127.0.0.1:53");
	/* What came as a message is not known. */
	numbers(10, "recvmsg", 260, 1, 21, 0x1000, 0);
	assert_string_equal(use(10, 270, 22), "?");
	assert_string_equal(numbers(10, "dup2", 280, 5, 22, 5, 0), "?");
	assert_string_equal(use(10, 290, 5), "?");
}

static void big_endian(void **state)
{
	static const uint8_t pair[8] = {0, 0, 0, 5, 0, 0, 0, 6};

	(void)state;
	assert_int_equal(sst_meta_set(&meta, "host.machine", "s390x"), 0);
	tracker_begin(tracker, &meta, false);
	make(10, "pipe2", 50, 55, 0);
	capture(0, SST_FORM_MEMORY, pair, sizeof(pair), SST_CAPTURE_LATE);
	give();
	assert_string_equal(use(10, 60, 6), "pipe:[?]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(descriptors),
		TEST(things),
		TEST(sockets),
		TEST(big_endian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

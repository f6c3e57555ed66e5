/*
 * test_args_requests.c - requests of ioctl() and options of sockets as text: what asks and what sets, wide and narrow, both
 * byte orders, and what is not there
 */
#include "args_rows.h"

/* struct ifreq: a name, and n bytes of what the request is about. */
static void interface(unsigned flags, const char *name, const char *about, size_t n)
{
	char request[40] = {0};

	strncpy(request, name, 16);
	memcpy(request + 16, about, n);
	captured(2, SST_FORM_MEMORY, flags, request, n > 16 ? 40 : 32);
}

#define INTERFACE(flags, name, about) interface(flags, name, about, sizeof(about) - 1)

static void what_asks(void **state)
{
	(void)state;
	BEGIN(X86_64, "ioctl", 0, 3, 0x8933, 0x10);
	INTERFACE(0, "lo", "");
	INTERFACE(LATE, "lo", "\1\0\0\0");
	expect("3, SIOCGIFINDEX, {ifr_name=\"lo\", ifr_ifindex=1}");
	BEGIN(S390X, "ioctl", 0, 3, 0x8913, 0x10);
	INTERFACE(0, "eth0", "");
	INTERFACE(LATE, "eth0", "\0\x49");
	expect("3, SIOCGIFFLAGS, {ifr_name=\"eth0\", ifr_flags=IFF_UP|IFF_LOOPBACK|IFF_RUNNING}");
	BEGIN(I386, "ioctl", -19, 3, 0x8921, 0x10);
	INTERFACE(0, "none", "");
	expect("3, SIOCGIFMTU, {ifr_name=\"none\"}");
	BEGIN(X86_64, "ioctl", 0, 3, 0x8910, 0x10);
	interface(0, "", "\2\0\0\0", 4);
	INTERFACE(LATE, "wlan0", "\2\0\0\0");
	expect("3, SIOCGIFNAME, {ifr_ifindex=2, ifr_name=\"wlan0\"}");
	BEGIN(X86_64, "ioctl", -19, 3, 0x8910, 0x10);
	interface(0, "", "\x4d\0\0\0", 4);
	expect("3, SIOCGIFNAME, {ifr_ifindex=77}");
	BEGIN(X86_64, "ioctl", -19, 3, 0x8921, 0x10);
	INTERFACE(0, "yyyyyyyyyyyyyyyy", "");
	expect("3, SIOCGIFMTU, {ifr_name=\"yyyyyyyyyyyyyyy\"...}");
}

static void what_sets(void **state)
{
	(void)state;
	BEGIN(X86_64, "ioctl", 0, 3, 0x8916, 0x10);
	INTERFACE(0, "eth0", "\2\0\0\0\x7f\0\0\1");
	expect("3, SIOCSIFADDR, {ifr_name=\"eth0\", ifr_addr={sa_family=AF_INET, sin_port=htons(0), "
	       "sin_addr=inet_addr(\"127.0.0.1\")}}");
	BEGIN(X86_64, "ioctl", -1, 3, 0x8924, 0x10);
	INTERFACE(0, "eth0", "\1\0\1\2\xab\4\5\6\7");
	expect("3, SIOCSIFHWADDR, {ifr_name=\"eth0\", ifr_hwaddr={sa_family=ARPHRD_ETHER, sa_data=01:02:ab:04:05:06}}");
	BEGIN(X86_64, "ioctl", -1, 3, 0x8923, 0x10);
	INTERFACE(0, "eth0", "net\"0");
	expect("3, SIOCSIFNAME, {ifr_name=\"eth0\", ifr_newname=\"net\\\"0\"}");
	BEGIN(X86_64, "ioctl", -1, 3, 0x8971, 0x10);
	INTERFACE(0, "eth0", "\x41\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\4\5\6\0\0\0");
	expect("3, SIOCSIFMAP, {ifr_name=\"eth0\", ifr_map={mem_start=0x41, mem_end=0x2, base_addr=0x3, irq=0x4, "
	       "dma=0x5, "
	       "port=0x6}}");
	BEGIN(I386, "ioctl", -1, 3, 0x8971, 0x10);
	INTERFACE(0, "eth0", "\x41\0\0\0\2\0\0\0\3\0\4\5\6\0\0\0");
	expect("3, SIOCSIFMAP, {ifr_name=\"eth0\", ifr_map={mem_start=0x41, mem_end=0x2, base_addr=0x3, irq=0x4, "
	       "dma=0x5, "
	       "port=0x6}}");
}

/* Less than a structure, or nothing, is an address. */
static void not_there(void **state)
{
	(void)state;
	BEGIN(X86_64, "ioctl", 0, 3, 0x8933, 0x10);
	expect("3, SIOCGIFINDEX, 0x10");
	BEGIN(X86_64, "ioctl", -14, 3, 0x8933, 0);
	expect("3, SIOCGIFINDEX, NULL");
	BEGIN(X86_64, "ioctl", 0, 3, 0x8933, 0x10);
	MEMORY(2, 0, "lo\0\0");
	expect("3, SIOCGIFINDEX, 0x10");
	BEGIN(X86_64, "ioctl", 0, 3, 0x8933, 0x10);
	INTERFACE(0, "lo", "");
	MEMORY(2, LATE, "lo\0\0");
	expect("3, SIOCGIFINDEX, {ifr_name=\"lo\"}");
	BEGIN(X86_64, "ioctl", -25, 3, 0x5415, 0x10);
	expect("3, TIOCMGET, 0x10");
}

static void of_terminals(void **state)
{
	static const struct {
		uint32_t request;
		uint64_t arg;
		const char *text;
	} of_numbers[] = {{0x5409, 1, "1, TCSBRK, 1"},
			  {0x5425, UINT64_MAX, "1, TCSBRKP, -1"},
			  {0x540a, 1, "1, TCXONC, TCOON"},
			  {0x540a, 9, "1, TCXONC, 0x9 /* TC??? */"},
			  {0x540b, 2, "1, TCFLSH, TCIOFLUSH"},
			  {0x540e, 1, "1, TIOCSCTTY, 1"},
			  {0x5422, 7, "1, TIOCNOTTY"},
			  {0x540c, 7, "1, TIOCEXCL"},
			  {0x5451, 7, "1, FIOCLEX"},
			  {0x40049409, 5, "1, BTRFS_IOC_CLONE or FICLONE, 5"},
			  {0x5456, 7, "1, TIOCGLCKTRMIOS, 0x7"},
			  {0xc0a1e7f3, 5, "1, _IOC(_IOC_READ|_IOC_WRITE, 0xe7, 0xf3, 0xa1), 0x5"}};

	(void)state;
	for (size_t i = 0; i < sizeof(of_numbers) / sizeof(of_numbers[0]); i++) {
		BEGIN(X86_64, "ioctl", 0, 1, of_numbers[i].request, of_numbers[i].arg);
		expect(of_numbers[i].text);
	}
	BEGIN(X86_64, "ioctl", 0, 1, 0x5415, 0x10);
	MEMORY(2, LATE, "\6\x40\0\0");
	expect("1, TIOCMGET, [TIOCM_DTR|TIOCM_RTS|TIOCM_OUT2]");
	BEGIN(X86_64, "ioctl", 0, 1, 0x80086601, 0x10);
	MEMORY(2, LATE, "\x40\0\x08\0\0\0\0\0");
	expect("1, FS_IOC_GETFLAGS, [FS_NODUMP_FL|FS_EXTENT_FL]");
	BEGIN(I386, "ioctl", 0, 1, 0x40046602, 0x10);
	MEMORY(2, 0, "\0\0\0\0");
	expect("1, FS_IOC32_SETFLAGS, [0]");
	BEGIN(X86_64, "ioctl", 0, 1, 0x5412, 0x10);
	MEMORY(2, 0, "\n");
	expect("1, TIOCSTI, \"\\n\"");
	BEGIN(X86_64, "ioctl", 0, 1, 0x8904, 0x10);
	MEMORY(2, LATE, "\xff\xff\xff\xff");
	expect("1, SIOCGPGRP, [-1]");
}

static void of_icmp(void **state)
{
	(void)state;
	BEGIN(X86_64, "setsockopt", 0, 3, 255, 1, 0x10, 4);
	MEMORY(3, 0, "\xfe\xfe\xff\xff");
	expect("3, SOL_RAW, ICMP_FILTER, ~[ICMP_ECHOREPLY ICMP_ECHO], 4");
	BEGIN(S390X, "setsockopt", 0, 3, 255, 1, 0x10, 4);
	MEMORY(3, 0, "\0\0\0\3");
	expect("3, SOL_RAW, ICMP_FILTER, [ICMP_ECHOREPLY 0x1 /* ICMP_??? */], 4");
	BEGIN(X86_64, "setsockopt", 0, 3, 255, 9, 0x10, 4);
	MEMORY(3, 0, "\3\0\0\0");
	expect("3, SOL_RAW, 0x9 /* RAW_??? */, [3], 4");
}

static void of_packets(void **state)
{
	(void)state;
	BEGIN(X86_64, "setsockopt", 0, 3, 263, 1, 0x10, 16);
	MEMORY(3, 0, "\x63\0\0\0\1\0\6\0\1\2\3\4\5\6\7\10");
	expect("3, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=99, mr_type=PACKET_MR_PROMISC, mr_alen=6, "
	       "mr_address=01:02:03:04:05:06}, 16");
	BEGIN(X86_64, "setsockopt", 0, 3, 263, 1, 0x10, 16);
	MEMORY(3, 0, "\x63\0\0\0\1\0\xff\xff\1\2\3\4\5\6\7\10");
	expect("3, SOL_PACKET, PACKET_ADD_MEMBERSHIP, {mr_ifindex=99, mr_type=PACKET_MR_PROMISC, mr_alen=65535, "
	       "mr_address=01:02:03:04:05:06:07:08}, 16");
	BEGIN(X86_64, "setsockopt", 0, 3, 263, 5, 0x10, 16);
	MEMORY(3, 0, "\0\20\0\0\2\0\0\0\0\10\0\0\4\0\0\0");
	expect("3, SOL_PACKET, PACKET_RX_RING, {tp_block_size=4096, tp_block_nr=2, tp_frame_size=2048, tp_frame_nr=4}, "
	       "16");
	BEGIN(X86_64, "bind", 0, 3, 0x10, 20);
	MEMORY(1, 0, "\x11\0\0\3\x63\0\0\0\1\0\3\6\1\2\3\4\5\6\7\10");
	expect("3, {sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=99, sll_hatype=ARPHRD_ETHER, "
	       "sll_pkttype=PACKET_OTHERHOST, sll_halen=6, sll_addr=[0x1, 0x2, 0x3, 0x4, 0x5, 0x6]}, 20");
	BEGIN(X86_64, "bind", 0, 3, 0x10, 20);
	MEMORY(1, 0, "\x11\0\0\3\x63\0\0\0\1\0\3\xff\1\2\3\4\5\6\7\10");
	expect("3, {sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=99, sll_hatype=ARPHRD_ETHER, "
	       "sll_pkttype=PACKET_OTHERHOST, sll_halen=255, sll_addr=[0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, ...]}, "
	       "20");
}

/* Calls beside these that say more than they did. */
static void others(void **state)
{
	(void)state;
	BEGIN(X86_64, "sendfile", 100, 4, 3, 0x10, 100);
	MEMORY(2, 0, "\0\0\0\0\0\0\0\0");
	MEMORY(2, LATE, "\x64\0\0\0\0\0\0\0");
	expect("4, 3, [0] => [100], 100");
	BEGIN(X86_64, "sendfile", 0, 4, 3, 0x10, 100);
	MEMORY(2, 0, "\5\0\0\0\0\0\0\0");
	MEMORY(2, LATE, "\5\0\0\0\0\0\0\0");
	expect("4, 3, [5], 100");
	BEGIN(X86_64, "copy_file_range", 100, 4, 0x10, 3, 0, 100, 0);
	MEMORY(1, 0, "\0\0\0\0\0\0\0\0");
	MEMORY(1, LATE, "\x64\0\0\0\0\0\0\0");
	expect("4, [0], 3, NULL, 100, 0");
	BEGIN(X86_64, "poll", 0, 0x10, 0, 0);
	expect("[], 0, 0");
	BEGIN(X86_64, "flistxattr", 0, 3, 0x10, 0);
	expect("3, 0x10, 0");
	BEGIN(X86_64, "flistxattr", 0, 3, 0x10, 8);
	expect("3, \"\", 8");
	BEGIN(X86_64, "setgroups", 0, 0, 0x10);
	expect("0, []");
	BEGIN(I386, "set_thread_area", 0, 0x10);
	MEMORY(0, 0, "\xff\xff\xff\xff\x80\xb3\x37\x09\xff\xff\x0f\0\x51\0\0\0");
	expect("{entry_number=-1, base_addr=0x937b380, limit=0x0fffff, seg_32bit=1, contents=0, read_exec_only=0, "
	       "limit_in_pages=1, seg_not_present=0, useable=1}");
	BEGIN(I386, "get_thread_area", 0, 0x10);
	MEMORY(0, LATE, "\14\0\0\0\0\0\0\0\1\0\0\0\x2e\0\0\0");
	expect("{entry_number=12, base_addr=00000000, limit=0x000001, seg_32bit=0, contents=3, read_exec_only=1, "
	       "limit_in_pages=0, seg_not_present=1, useable=0}");
	BEGIN(X86_64, "prctl", 0, 2, 0x10);
	MEMORY(1, LATE, "\17\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	expect("PR_GET_PDEATHSIG, [SIGTERM]");
	BEGIN(X86_64, "prctl", -14, 40, 0x10);
	expect("PR_GET_TID_ADDRESS, 0x10");
}

/* With anything in memory, and any length. */
static void anything(void **state)
{
	static const char *const names[] = {"ioctl", "setsockopt", "getsockopt", "bind", "prctl", "sendfile"};
	static const uint16_t levels[] = {0, 1, 41, 255, 263};
	struct args *args = args_new();

	(void)state;
	for (unsigned k = 0; k < 20000; k++) {
		const char *name = names[random_number() % 6];

		begin_row(k % 3 ? X86_64 : k % 2 ? I386 : S390X, name);
		random_row(&(struct sst_call){.abi = call.abi, .nr = call.nr, .nargs = call.nargs});
		if (!strcmp(name, "ioctl"))
			row.arg[1] = (random_number() % 2 ? 0x5400 : 0x8900) + random_number() % 128;
		if (strstr(name, "sockopt")) {
			row.arg[1] = levels[random_number() % 5];
			row.arg[2] = random_number() % 60;
		}
		if (!strcmp(name, "bind") && row.n_captures) /* AF_PACKET */
			memcpy(text + row.captures[0].offset, "\x11\0", row.captures[0].len < 2 ? 0 : 2);
		expect_text(args);
		check_cell(args);
	}
	args_free(args);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_asks),    cmocka_unit_test(what_sets), cmocka_unit_test(not_there),
		cmocka_unit_test(of_terminals), cmocka_unit_test(of_icmp),   cmocka_unit_test(of_packets),
		cmocka_unit_test(others),       cmocka_unit_test(anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * requests.c - requests of ioctl() and options of sockets: what asks, with what it finds out, and what sets, which is of a
 * descriptor that nobody has
 */
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "arguments.h"

#define NOBODY 999

static void terminal_requests(void)
{
	static const struct {
		uint32_t number;
		uint64_t value;
	} of_numbers[] = {{TCSBRK, 1},   {TCSBRKP, 2},  {TCXONC, 0},    {TCXONC, 3},    {TCXONC, 9},
			  {TCFLSH, 2},   {TCFLSH, 7},   {TIOCSCTTY, 1}, {TIOCNOTTY, 5}, {TIOCEXCL, 5},
			  {TIOCNXCL, 5}, {TIOCCONS, 5}, {TIOCSBRK, 5},  {TIOCCBRK, 5},  {TIOCVHANGUP, 5}};
	static const uint32_t of_pointers[] = {TIOCPKT,      TIOCSETD,     TIOCGETD,   TIOCMGET, TIOCMBIS,
					       TIOCMBIC,     TIOCMSET,     TIOCGSID,   TIOCOUTQ, FIOASYNC,
					       TIOCGSOFTCAR, TIOCSSOFTCAR, TIOCGSERIAL};
	int number = 0x6 | 0x4000;

	for (size_t i = 0; i < sizeof(of_numbers) / sizeof(of_numbers[0]); i++)
		CALL(SYS_ioctl, NOBODY, of_numbers[i].number, of_numbers[i].value);
	for (size_t i = 0; i < sizeof(of_pointers) / sizeof(of_pointers[0]); i++)
		CALL(SYS_ioctl, NOBODY, of_pointers[i], V(&number));
	number = 0x10000;
	CALL(SYS_ioctl, NOBODY, TIOCMSET, V(&number));
	CALL(SYS_ioctl, NOBODY, TIOCSTI, V("\n"));
	CALL(SYS_ioctl, NOBODY, TIOCSTI, 0);
}

static void of_interfaces(void)
{
	static const uint32_t asks[] = {SIOCGIFADDR,   SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK,
					SIOCGIFHWADDR, SIOCGIFFLAGS,   SIOCGIFINDEX,   SIOCGIFMETRIC,
					SIOCGIFMTU,    SIOCGIFSLAVE,   SIOCGIFTXQLEN,  SIOCGIFMAP};
	static const uint32_t sets[] = {SIOCSIFFLAGS, SIOCSIFMETRIC, SIOCSIFMTU, SIOCSIFSLAVE,
					SIOCSIFNAME,  SIOCSIFTXQLEN, SIOCSIFMAP};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = {.ifr_name = "lo"};

	check(fd >= 0, "socket");
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		request = (struct ifreq){.ifr_name = "lo"};
		CALL(SYS_ioctl, fd, asks[i], V(&request));
		request = (struct ifreq){.ifr_name = "no \"such\""};
		CALL(SYS_ioctl, fd, asks[i], V(&request));
	}
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		request = (struct ifreq){.ifr_name = "none0", .ifr_ifindex = 0x10041};
		CALL(SYS_ioctl, NOBODY, sets[i], V(&request));
	}
	request = (struct ifreq){.ifr_ifindex = 1};
	CALL(SYS_ioctl, fd, SIOCGIFNAME, V(&request));
	request.ifr_ifindex = 77777;
	CALL(SYS_ioctl, fd, SIOCGIFNAME, V(&request));
	memset(request.ifr_name, 'y', sizeof(request.ifr_name));
	CALL(SYS_ioctl, fd, SIOCGIFMTU, V(&request));
	CALL(SYS_ioctl, fd, SIOCGIFMTU, 0);
	CALL(SYS_ioctl, fd, SIOCGIFMTU, 8);
	CALL(SYS_ioctl, NOBODY, SIOCSIFMTU, 8);
	close(fd);
}

static void addresses_of_interfaces(void)
{
	static const uint32_t protocol[] = {SIOCSIFADDR, SIOCSIFDSTADDR, SIOCSIFBRDADDR, SIOCSIFNETMASK};
	static const uint32_t hardware[] = {SIOCSIFHWADDR, SIOCSIFHWBROADCAST, SIOCADDMULTI, SIOCDELMULTI};
	static const uint16_t kinds[] = {1, 772, 801, 768, 776, 0, 65535};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct ifreq request = {.ifr_name = "none0"};

	memcpy(&request.ifr_addr, &in4, sizeof(in4));
	for (size_t i = 0; i < sizeof(protocol) / sizeof(protocol[0]); i++)
		CALL(SYS_ioctl, NOBODY, protocol[i], V(&request));
	memcpy(request.ifr_hwaddr.sa_data, "\1\2\xab\4\5\6\7\10\11\12\13\14\15\16", 14);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		request.ifr_hwaddr.sa_family = kinds[i];
		CALL(SYS_ioctl, NOBODY, hardware[i % 4], V(&request));
	}
}

static void owners(void)
{
	static const uint32_t asks[] = {SIOCATMARK, SIOCGPGRP, FIOGETOWN, SIOCINQ, SIOCOUTQ, SIOCOUTQNSD};
	int pair[2], number = 0;

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		CALL(SYS_ioctl, pair[0], asks[i], V(&number));
	number = 0;
	CALL(SYS_ioctl, pair[0], SIOCSPGRP, V(&number));
	CALL(SYS_ioctl, pair[0], FIOSETOWN, V(&number));
	CALL(SYS_ioctl, NOBODY, 0x8906, V(&number)); /* SIOCGSTAMP_OLD */
	close(pair[0]);
	close(pair[1]);
}

void requests(void)
{
	terminal_requests();
	of_interfaces();
	addresses_of_interfaces();
	owners();
}

/* --- options */

static void icmp_filters(void)
{
	static const uint32_t bits[] = {~0x101u, 3, ~0u, 0, 0x1fffff, 0x3fffff, 0x80000001};
	socklen_t len = 4;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		CALL(SYS_setsockopt, NOBODY, 255, 1, V(&bits[i]), 4);
	CALL(SYS_setsockopt, NOBODY, 255, 2, V(&bits[1]), 4);
	CALL(SYS_getsockopt, NOBODY, 255, 1, V(&bits[1]), V(&len));
}

static void packet_options(void)
{
	struct packet_mreq member = {99, PACKET_MR_PROMISC, 6, {1, 2, 3, 4, 5, 6, 7, 8}};
	struct tpacket_req ring = {4096, 2, 2048, 4};
	struct sockaddr_ll address = {AF_PACKET, htons(ETH_P_ALL),        99, 1, PACKET_OTHERHOST,
				      6,         {1, 2, 3, 4, 5, 6, 7, 8}};

	CALL(SYS_setsockopt, NOBODY, SOL_PACKET, PACKET_ADD_MEMBERSHIP, V(&member), sizeof(member));
	member.mr_type = 9;
	member.mr_alen = 8;
	CALL(SYS_setsockopt, NOBODY, SOL_PACKET, PACKET_DROP_MEMBERSHIP, V(&member), sizeof(member));
	CALL(SYS_setsockopt, NOBODY, SOL_PACKET, PACKET_RX_RING, V(&ring), sizeof(ring));
	CALL(SYS_setsockopt, NOBODY, SOL_PACKET, PACKET_TX_RING, V(&ring), sizeof(ring));
	CALL(SYS_bind, NOBODY, V(&address), sizeof(address));
	CALL(SYS_bind, NOBODY, V(&address), 18);
	address.sll_hatype = 0x7777;
	address.sll_pkttype = 77;
	address.sll_halen = 20;
	CALL(SYS_sendto, NOBODY, V("x"), 1, 0, V(&address), sizeof(address));
	address.sll_halen = 0;
	CALL(SYS_connect, NOBODY, V(&address), sizeof(address));
}

void options(void)
{
	struct sock_filter code = {6, 0, 0, 0xffff};
	struct sock_fprog program = {1, &code};
	struct ip_mreqn membership = {.imr_multiaddr = {htonl(0xe0000001)}};
	struct ipv6_mreq membership6 = {.ipv6mr_interface = 0};

	icmp_filters();
	packet_options();
	CALL(SYS_setsockopt, NOBODY, SOL_SOCKET, SO_ATTACH_FILTER, V(&program), sizeof(program));
	CALL(SYS_setsockopt, NOBODY, SOL_SOCKET, SO_DETACH_FILTER, 0, 0);
	CALL(SYS_setsockopt, NOBODY, IPPROTO_IP, IP_ADD_MEMBERSHIP, V(&membership), sizeof(membership));
	CALL(SYS_setsockopt, NOBODY, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, V(&membership6), sizeof(membership6));
	CALL(SYS_setsockopt, NOBODY, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, V(&membership6), sizeof(membership6));
}

/*
 * sockets.c - calls on sockets and their addresses and options, messages, and data in several buffers
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"

void sockets(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(6379), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/no/such/socket"},
			   abstract = {.sun_family = AF_UNIX, .sun_path = "\0name"};
	uint32_t netlink[3] = {AF_NETLINK, 0, 0x11};
	struct sockaddr_storage address;
	socklen_t len = sizeof(address), four = 4;
	struct linger linger = {1, 5};
	struct timeval wait = {3, 0};
	int pair[2], value = 1;
	struct msghdr message = {0};
	long fd, bound;

	fd = CALL(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	CALL(SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CALL(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	CALL(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
	CALL(SYS_socket, 99, 15, 7);
	CALL(SYS_connect, fd, V(&in), sizeof(in));
	CALL(SYS_connect, 999, V(&in6), sizeof(in6));
	CALL(SYS_connect, 999, V(&un), sizeof(un));
	CALL(SYS_connect, 999, V(&abstract), 7);
	CALL(SYS_connect, 999, V(&un), 2);
	CALL(SYS_bind, 999, V(netlink), 12);
	CALL(SYS_connect, 999, V("\0\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16"), 16);
	in.sin_port = 0;
	bound = CALL(SYS_socket, AF_INET, SOCK_DGRAM, 0);
	CALL(SYS_bind, bound, V(&in), sizeof(in));
	CALL(SYS_getsockname, bound, V(&address), V(&len));
	len = sizeof(address);
	CALL(SYS_getpeername, bound, V(&address), V(&len));
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, V(&value), 4);
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, V(&linger), 8);
	CALL(SYS_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, V(&wait), 16);
	CALL(SYS_setsockopt, fd, SOL_TCP, TCP_NODELAY, V(&value), 4);
	CALL(SYS_setsockopt, fd, 41, 26, V(&value), 4);
	CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_ERROR, V(&value), V(&four));
	CALL(SYS_getsockopt, fd, SOL_SOCKET, SO_SNDBUF, V(&value), V(&four));
	CALL(SYS_listen, fd, 128);
	CALL(SYS_shutdown, fd, SHUT_RDWR);
	CALL(SYS_socketpair, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, V(pair));
	CALL(SYS_sendto, pair[0], V("hello"), 5, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
	CALL(SYS_sendto, 999, V("hello"), 5, 0, V(&in), sizeof(in));
	len = sizeof(address);
	CALL(SYS_recvfrom, pair[1], V(&address), 100, 0, 0, 0);
	CALL(SYS_accept4, fd, V(&address), V(&len), SOCK_NONBLOCK);
	CALL(SYS_sendmsg, 999, V(&message), MSG_DONTWAIT);
	CALL(SYS_recvmsg, 999, V(&message), MSG_PEEK | MSG_TRUNC);
}

/* Control data of one kind. */
static struct msghdr with_control(struct iovec *iov, void *room, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *control = room;

	memset(room, 0, CMSG_SPACE(len));
	*control = (struct cmsghdr){.cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type};
	memcpy(CMSG_DATA(control), data, len);
	return (struct msghdr){.msg_iov = iov, .msg_iovlen = 2, .msg_control = room, .msg_controllen = CMSG_SPACE(len)};
}

static void control_data(int fd, struct iovec *iov)
{
	static const struct {
		int level, type;
		unsigned len;
	} kinds[] = {{SOL_SOCKET, SCM_RIGHTS, 8}, {SOL_SOCKET, 2, 12},   {SOL_SOCKET, 3, 5}, {SOL_SOCKET, 29, 16},
		     {SOL_SOCKET, 35, 16},        {SOL_SOCKET, 0x4d, 8}, {SOL_SOCKET, 1, 0}, {IPPROTO_IP, 8, 12},
		     {IPPROTO_IP, 2, 4},          {IPPROTO_IP, 1, 1}};
	uint64_t room[16];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct msghdr message =
			with_control(iov, room, kinds[i].level, kinds[i].type, (uint32_t[4]){0}, kinds[i].len);

		CALL(SYS_sendmsg, fd, V(&message), 0);
	}
}

void messages(void)
{
	char in[2][100], room[256];
	struct sockaddr_un names[4] = {{.sun_family = AF_UNIX, .sun_path = "/no/such/socket"}};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct iovec from[2] = {{"abc", 3}, {"d\0\xff", 3}}, more[2] = {{"x", 1}, {NULL, 0}}, none = {"y", 0};
	struct iovec to[2] = {{in[0], 2}, {in[0] + 50, 50}}, bad = {(void *)16, 5};
	struct mmsghdr sent[2] = {{.msg_hdr = {.msg_iov = from, .msg_iovlen = 2}},
				  {.msg_hdr = {.msg_iov = more, .msg_iovlen = 2}}};
	struct mmsghdr got[3] = {{.msg_hdr = {.msg_iov = to, .msg_iovlen = 2, .msg_name = names, .msg_namelen = 110}},
				 {.msg_hdr = {.msg_iov = to, .msg_iovlen = 2}}};
	struct msghdr message = {.msg_iov = from, .msg_iovlen = 2}, back = {.msg_iov = to, .msg_iovlen = 2};
	int pair[2], one = 1, pipes[2];

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0 && pipe(pipes) == 0, "socketpair");
	CALL(SYS_sendmmsg, pair[0], V(sent), 2, 0);
	CALL(SYS_recvmmsg, pair[1], V(got), 3, MSG_DONTWAIT, 0);
	CALL(SYS_recvmmsg, pair[1], V(got), 3, MSG_DONTWAIT, V(&(struct timespec){1, 0}));
	CALL(SYS_sendmmsg, 999, V(sent), 2, 0);
	CALL(SYS_sendmmsg, 999, V(sent), 0, 0);
	CALL(SYS_sendmmsg, 999, 0, 1, 0);
	CALL(SYS_sendmsg, pair[0], V(&message), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one));
	back.msg_control = room;
	back.msg_controllen = sizeof(room);
	back.msg_name = names;
	back.msg_namelen = sizeof(names[0]);
	CALL(SYS_recvmsg, pair[1], V(&back), 0);
	CALL(SYS_recvmsg, pair[1], V(&back), MSG_DONTWAIT);
	control_data(pair[0], from);
	back.msg_controllen = sizeof(room);
	CALL(SYS_recvmsg, pair[1], V(&back), MSG_DONTWAIT);
	message.msg_name = names;
	message.msg_namelen = sizeof(names[0]);
	CALL(SYS_sendmsg, 999, V(&message), 0);
	message.msg_name = &in4;
	message.msg_namelen = sizeof(in4);
	message.msg_iovlen = 0;
	CALL(SYS_sendmsg, 999, V(&message), MSG_NOSIGNAL);
	message = (struct msghdr){.msg_name = (void *)16, .msg_namelen = 8, .msg_iov = (void *)16, .msg_iovlen = 1};
	CALL(SYS_sendmsg, 999, V(&message), 0);
	CALL(SYS_sendmsg, 999, 16, 0);
	CALL(SYS_sendmsg, 999, 0, 0);
	CALL(SYS_writev, pipes[1], V(from), 2);
	CALL(SYS_readv, pipes[0], V(to), 2);
	CALL(SYS_writev, pipes[1], V(&none), 1);
	CALL(SYS_writev, pipes[1], V(&bad), 1);
	CALL(SYS_writev, pipes[1], V(from), 0);
	CALL(SYS_vmsplice, pipes[1], V(more), 2, 2);
	CALL(SYS_readv, pipes[0], V(to), 2);
	CALL(SYS_readv, 999, V(to), 2);
	CALL(SYS_pwritev, 999, V(from), 2, 5, 0);
	CALL(SYS_process_vm_readv, getpid(), V(to), 2, V(from), 2, 0);
	CALL(SYS_process_vm_writev, getpid(), V(from), 1, V(to), 1, 0);
}

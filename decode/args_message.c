/* args_message.c - vectors of buffers, messages and what they carry: see args_put.h */
#include "args_put.h"

#include <arpa/inet.h>

#include "format/rows.h"

/* Captures of a row that are looked at for what a pointer leads to: more than a recorder makes of one call. */
#define BEHIND_MAX 512

static uint16_t head_at(const uint8_t *bytes, size_t i)
{
	return (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
}

/* What pointer at … part of argument i leads to: as SST_FORM_BEHIND has them. */
static struct memory memory_behind(const struct printer *printer, unsigned i, size_t at, size_t part)
{
	const struct row *row = printer->row;

	for (size_t k = 0; k < row->n_captures && k < BEHIND_MAX; k++) {
		const struct sst_capture *capture = &row->captures[k];
		const uint8_t *bytes = row->text + capture->offset;

		if (capture->arg != i || capture->form != SST_FORM_BEHIND || capture->len < SST_BEHIND_HEAD ||
		    head_at(bytes, 0) != at || head_at(bytes, 1) != part)
			continue;
		return (struct memory){capture->len == SST_BEHIND_HEAD ? NULL : bytes + SST_BEHIND_HEAD,
				       capture->len - SST_BEHIND_HEAD,
				       capture->flags & (SST_CAPTURE_CUT | SST_CAPTURE_UNREADABLE)};
	}
	return (struct memory){NULL, 0, false};
}

/* --- vectors */

/* Of argument i, or what the pointer at offset at of it leads to. */
struct parts {
	unsigned i;
	bool deep;
	size_t at;
	bool shown;    /* what is in them, as far as it is known */
	bool filled;   /* by the call: what is there now are the first left bytes */
	uint64_t left; /* bytes not yet shown */
};

/* Its buffer, if that was asked for. */
static char *put_buffer(const struct printer *printer, char *p, struct parts *parts, size_t at, uint64_t base,
			uint64_t len)
{
	struct memory memory = memory_behind(printer, parts->i, parts->deep ? parts->at : at, parts->deep ? at + 1 : 0);
	uint64_t shown = len < parts->left ? len : parts->left;

	if (parts->filled)
		parts->left -= shown;
	if (base && parts->shown && (!len || (parts->filled && !shown)))
		return put_text(printer, p, (const uint8_t *)"", 0, false);
	if (!base || !memory.bytes)
		return put_address(p, base);
	return put_text(printer, p, memory.bytes, memory.len, memory.cut);
}

/* [{iov_base="abc", iov_len=3}, ...] */
static char *put_vector(const struct printer *printer, char *p, const struct memory *vector, struct parts *parts)
{
	unsigned width = width_of_long(printer);
	size_t at = 0;

	*p++ = '[';
	for (; at + 2 * width <= vector->len && p < printer->end; at += 2 * width) {
		uint64_t base = number_at(printer, vector, at, width),
			 len = number_at(printer, vector, at + width, width);

		p = put_buffer(printer, PUT(at > 0 ? PUT(p, ", ") : p, "{iov_base="), parts, at, base, len);
		p = put_u64(PUT(p, ", iov_len="), len);
		*p++ = '}';
	}
	if (at < vector->len || vector->cut)
		p = at > 0 ? PUT(p, ", ...") : PUT(p, "...");
	*p++ = ']';
	return p;
}

/* Has a part of it been captured, or is it known that there is nothing? Otherwise only addresses are shown. */
static bool shows_data(const struct printer *printer, unsigned i)
{
	const struct row *row = printer->row;
	bool is_message = printer->signature->arg[i].kind == SST_KIND_MSGHDR ||
			  printer->signature->arg[i].kind == SST_KIND_MMSGHDR;

	if (printer->ok && row->ret == 0)
		return true;
	for (size_t k = 0; k < row->n_captures && k < BEHIND_MAX; k++) {
		const struct sst_capture *capture = &row->captures[k];

		if (capture->arg == i && capture->form == SST_FORM_BEHIND && capture->len >= SST_BEHIND_HEAD &&
		    (!is_message || head_at(row->text + capture->offset, 1)))
			return true;
	}
	return false;
}

/* In the whole argument. receives: the call fills them; of so many bytes left. */
static struct parts parts_of(const struct printer *printer, unsigned i, bool receives, uint64_t left)
{
	struct parts parts = {.i = i, .shown = shows_data(printer, i), .left = UINT64_MAX};

	parts.filled = receives && printer->ok && parts.shown;
	if (parts.filled)
		parts.left = left;
	return parts;
}

char *put_vector_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory vector = memory_read(printer, i);
	bool receives = printer->signature->arg[i].kind == SST_KIND_IOVEC_TO;
	struct parts parts = parts_of(printer, i, receives, printer->row->ret);

	if (!vector.bytes)
		return put_address(p, value_of(printer, i));
	return put_vector(printer, p, &vector, &parts);
}

/* --- what messages carry besides bytes */

enum {
	LEVEL_IP = 0,
	LEVEL_SOCKET = 1,
	LEVEL_IPV6 = 41,
	SCM_RIGHTS_TYPE = 1,
	SCM_CREDENTIALS_TYPE = 2,
	SCM_SECURITY_TYPE = 3,
	TIMESTAMP_TYPE = 29,
	TIMESTAMPNS_TYPE = 35,
	IP_TOS_TYPE = 1,
	IP_TTL_TYPE = 2,
	IP_PKTINFO_TYPE = 8,
	IP_RECVERR_TYPE = 11
};

/* [3, 4]: numbers of so many bytes. */
static char *put_list(const struct printer *printer, char *p, const struct memory *data, unsigned width)
{
	*p++ = '[';
	for (size_t at = 0; at + width <= data->len && p < printer->end; at += width)
		p = put_i64(at > 0 ? PUT(p, ", ") : p,
			    width == 1 ? (int64_t)data->bytes[at] : signed_at(printer, data, at, width));
	*p++ = ']';
	return p;
}

static char *put_time(const struct printer *printer, char *p, const struct memory *data, const char *fraction)
{
	unsigned width = data->len >= 16 ? 8 : 4;

	p = put_i64(PUT(p, "{tv_sec="), signed_at(printer, data, 0, width));
	p = put_i64(put_string(p, fraction), signed_at(printer, data, width, width));
	return PUT(p, "}");
}

static char *put_packet_info(const struct printer *printer, char *p, const struct memory *data)
{
	char text[INET_ADDRSTRLEN];

	p = put_u64(PUT(p, "{ipi_ifindex="), number_at(printer, data, 0, 4));
	p = put_string(PUT(p, ", ipi_spec_dst=inet_addr(\""), inet_ntop(AF_INET, data->bytes + 4, text, sizeof(text)));
	p = put_string(PUT(p, "\"), ipi_addr=inet_addr(\""), inet_ntop(AF_INET, data->bytes + 8, text, sizeof(text)));
	return PUT(p, "\")}");
}

#define ERROR_LEN 16 /* struct sock_extended_err: linux/errqueue.h */

/* What has become of something sent, and who says so. */
static char *put_extended_error(const struct printer *printer, char *p, const struct memory *data)
{
	struct memory offender = part_of(data, ERROR_LEN, data->len - ERROR_LEN);

	p = put_u64(PUT(p, "{ee_errno="), number_at(printer, data, 0, 4));
	p = put_u64(PUT(p, ", ee_origin="), data->bytes[4]);
	p = put_u64(PUT(p, ", ee_type="), data->bytes[5]);
	p = put_u64(PUT(p, ", ee_code="), data->bytes[6]);
	p = put_u64(PUT(p, ", ee_info="), number_at(printer, data, 8, 4));
	p = put_u64(PUT(p, ", ee_data="), number_at(printer, data, 12, 4));
	if (offender.len >= 2)
		p = put_sockaddr(printer, PUT(p, ", offender="), &offender);
	return PUT(p, "}");
}

/* Of the socket itself; NULL: nothing is known of this type. */
static char *put_socket_data(const struct printer *printer, char *p, uint64_t type, const struct memory *data)
{
	switch (type) {
	case SCM_RIGHTS_TYPE:
		return put_list(printer, p, data, 4);
	case SCM_CREDENTIALS_TYPE:
		return data->len >= 12 ? put_credentials(printer, p, data) : NULL;
	case SCM_SECURITY_TYPE:
		return put_text(printer, p, data->bytes, data->len, data->cut);
	case TIMESTAMP_TYPE:
		return data->len >= 8 ? put_time(printer, p, data, ", tv_usec=") : NULL;
	case TIMESTAMPNS_TYPE:
		return data->len >= 8 ? put_time(printer, p, data, ", tv_nsec=") : NULL;
	default:
		return NULL;
	}
}

static char *put_ip_data(const struct printer *printer, char *p, uint64_t type, const struct memory *data)
{
	if (type == IP_PKTINFO_TYPE && data->len >= 12)
		return put_packet_info(printer, p, data);
	if (type == IP_RECVERR_TYPE && data->len >= ERROR_LEN)
		return put_extended_error(printer, p, data);
	if (type == IP_TTL_TYPE && data->len >= 4)
		return put_list(printer, p, data, 4);
	if (type == IP_TOS_TYPE)
		return put_list(printer, p, data, 1);
	return NULL;
}

static char *put_control_type(const struct printer *printer, char *p, uint64_t level, uint64_t type)
{
	if (level == LEVEL_SOCKET)
		return put_enum(printer, p, SYMBOLS_scm, type);
	if (level == LEVEL_IP)
		return put_enum(printer, p, SYMBOLS_so_ip, type);
	if (level == LEVEL_IPV6)
		return put_enum(printer, p, SYMBOLS_so_ipv6, type);
	return put_hash_hex(p, type);
}

/* {cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]} */
static char *put_control(const struct printer *printer, char *p, const struct memory *control)
{
	unsigned width = width_of_long(printer);
	uint64_t len = long_at(printer, control, 0, 0), level = number_at(printer, control, width, 4);
	uint64_t type = number_at(printer, control, width + 4, 4);
	struct memory data = part_of(control, width + 8, len > width + 8 ? (size_t)len - width - 8 : 0);
	char *begin, *end = NULL;

	data.cut = len > control->len;
	p = put_u64(PUT(p, "{cmsg_len="), len);
	p = put_enum(printer, PUT(p, ", cmsg_level="), SYMBOLS_sol, level);
	p = put_control_type(printer, PUT(p, ", cmsg_type="), level, type);
	begin = PUT(p, ", cmsg_data=");
	if (data.len > 0 && level == LEVEL_SOCKET)
		end = put_socket_data(printer, begin, type, &data);
	else if (data.len > 0 && level == LEVEL_IP)
		end = put_ip_data(printer, begin, type, &data);
	return PUT(end ? end : p, "}");
}

/* One behind the other, each aligned as a long is. */
static char *put_controls(const struct printer *printer, char *p, const struct memory *memory)
{
	unsigned width = width_of_long(printer);
	size_t at = 0, head = width + 8;
	bool more = false;

	*p++ = '[';
	while (at + head <= memory->len && p < printer->end) {
		struct memory control = part_of(memory, at, memory->len - at);
		uint64_t len = long_at(printer, &control, 0, 0);

		p = put_control(printer, at > 0 ? PUT(p, ", ") : p, &control);
		more = len < head;
		if (more || len > memory->len - at)
			break;
		at += (size_t)((len + width - 1) & ~(uint64_t)(width - 1));
	}
	if (more || memory->cut)
		p = PUT(p, ", ...");
	*p++ = ']';
	return p;
}

/* --- messages */

/* Argument i, or one of several that it points to. */
struct message {
	unsigned i;
	size_t at;            /* where it begins */
	struct memory memory; /* its header, now … */
	struct memory before; /* … and when the call began, if that is another matter */
	struct parts parts;
};

static char *put_name(const struct printer *printer, char *p, const struct message *message)
{
	struct memory name = memory_behind(printer, message->i, message->at, 0);

	if (name.len < 2)
		return put_address(p, long_at(printer, &message->memory, 0, 0));
	return put_sockaddr(printer, p, &name);
}

/* 128 => 16: the room for a name, and what it took. */
static char *put_name_len(const struct printer *printer, char *p, const struct message *message)
{
	unsigned width = width_of_long(printer);
	int64_t len = signed_at(printer, &message->memory, width, 4);
	int64_t room = message->before.bytes ? signed_at(printer, &message->before, width, 4) : len;

	p = put_i64(p, room);
	return room != len ? put_i64(PUT(p, " => "), len) : p;
}

static char *put_message_vector(const struct printer *printer, char *p, struct message *message)
{
	uint64_t address = long_at(printer, &message->memory, 0, 2), n = long_at(printer, &message->memory, 0, 3);
	struct memory vector;

	if (address && !n)
		return PUT(p, "[]");
	message->parts.at = message->at + 2 * (size_t)width_of_long(printer);
	vector = memory_behind(printer, message->i, message->parts.at, 0);
	if (!vector.bytes)
		return put_address(p, address);
	return put_vector(printer, p, &vector, &message->parts);
}

static char *put_message_control(const struct printer *printer, char *p, const struct message *message)
{
	unsigned width = width_of_long(printer);
	struct memory control = memory_behind(printer, message->i, message->at + 4 * (size_t)width, 0);

	p = PUT(p, ", msg_control=");
	if (control.len < width + 8)
		return put_address(p, long_at(printer, &message->memory, 0, 4));
	return put_controls(printer, p, &control);
}

static char *put_message(const struct printer *printer, char *p, struct message *message)
{
	unsigned width = width_of_long(printer);

	p = put_name(printer, PUT(p, "{msg_name="), message);
	p = put_name_len(printer, PUT(p, ", msg_namelen="), message);
	p = put_message_vector(printer, PUT(p, ", msg_iov="), message);
	p = put_u64(PUT(p, ", msg_iovlen="), long_at(printer, &message->memory, 0, 3));
	if (long_at(printer, &message->memory, 0, 5))
		p = put_message_control(printer, p, message);
	p = put_u64(PUT(p, ", msg_controllen="), long_at(printer, &message->memory, 0, 5));
	p = put_flags(printer, PUT(p, ", msg_flags="), SYMBOLS_msg_flags,
		      number_at(printer, &message->memory, 6 * (size_t)width, 4));
	*p++ = '}';
	return p;
}

/* The size of a header. */
static size_t header_size(const struct printer *printer)
{
	return 7 * (size_t)width_of_long(printer);
}

char *put_message_arg(const struct printer *printer, char *p, unsigned i)
{
	struct message message = {.i = i, .memory = memory_read(printer, i)};
	bool receives = printer->signature->arg[i].direction & SST_WRITES;

	if (receives) {
		message.before = message.memory;
		message.memory = memory_written(printer, i);
	}
	if (message.memory.len < header_size(printer)) {
		if (message.before.len < header_size(printer))
			return put_address(p, value_of(printer, i));
		/* Of what it would have filled in only the room for the name is known. */
		p = put_i64(PUT(p, "{msg_namelen="), signed_at(printer, &message.before, width_of_long(printer), 4));
		return PUT(p, "}");
	}
	message.parts = parts_of(printer, i, receives, printer->row->ret);
	message.parts.deep = true;
	return put_message(printer, p, &message);
}

/* sendmmsg() has the lengths of those that it has sent, recvmmsg() shows only what it has received. */
char *put_messages_arg(const struct printer *printer, char *p, unsigned i)
{
	struct memory before = memory_read(printer, i), after = memory_written(printer, i), all;
	size_t size = 8 * (size_t)width_of_long(printer), done = printer->ok ? (size_t)printer->row->ret : 0;
	bool receives = printer->signature->nargs > 4;
	size_t n = receives ? done : (uint32_t)value_of(printer, printer->signature->arg[i].by), k = 0;

	all = receives || !before.bytes ? after : before;
	if (!all.bytes)
		return put_address(p, value_of(printer, i));
	*p++ = '[';
	for (; k < n && (k + 1) * size <= all.len && p < printer->end; k++) {
		struct memory of_after = part_of(&after, k * size, size);
		uint64_t len = number_at(printer, &of_after, header_size(printer), 4);
		struct message message = {.i = i, .at = k * size, .memory = part_of(&all, k * size, size)};

		message.parts = parts_of(printer, i, receives, len);
		message.parts.deep = true;
		if (receives && before.len >= (k + 1) * size)
			message.before = part_of(&before, k * size, size);
		p = put_message(printer, PUT(k > 0 ? PUT(p, ", ") : p, "{msg_hdr="), &message);
		if (k < done && of_after.len == size)
			p = put_u64(PUT(p, ", msg_len="), len);
		*p++ = '}';
	}
	if (k < n)
		p = k > 0 ? PUT(p, ", ...") : PUT(p, "...");
	*p++ = ']';
	return p;
}
